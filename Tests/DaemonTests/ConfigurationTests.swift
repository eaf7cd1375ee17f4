import ConfigurationFile
import Intake
import Testing

@testable import quantracd

@Suite("A configuration is read whole, or refused in one line that names the place")
struct ConfigurationTests {
    private func read(_ text: String?, _ environment: [String: String] = [:]) throws -> Configuration {
        try ConfigurationReader.read(text, named: "q.yaml", environment: environment)
    }

    private func refusal(_ text: String?, _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try read(text, environment)
            return nil
        } catch {
            return String(describing: error)
        }
    }

    @Test func withoutAFileTheDefaultsServe() throws {
        let configuration = try read(nil)
        #expect(configuration == Configuration())
        #expect(configuration.store.diskBudget.bytes == 536_870_912)
        #expect(try read("") == configuration)
        #expect(try read("# only a comment\n") == configuration)
        #expect(try read("mqtt:\n") == configuration)
    }

    @Test func everyKeyOfTheFileCounts() throws {
        let configuration = try read(
            """
            mqtt:
              host: broker.lan
              port: 8883
              clientId: shard-1
              username: quantrac
              passwordFile: /etc/quantrac/password
              tls: { caFile: /ca.pem, certificateFile: /c.pem, keyFile: /k.pem }
              qos: 0
              topics: ["city/north/#", "city/+/power"]
              sparkplugRebirth: false
            store:
              directory: /data
              diskBudget: 2GiB
              memoryBudget: 32MiB
              syncWindow: 250ms
              timeResolution: 100ms
            query:
              socket: /run/q.sock
              listen: "127.0.0.1:8420"
              tls: { certificateFile: null, keyFile: null }
            households:
              default: nobody
              patterns: ["city/{household}/#"]
            alerts:
              rules: [/a.yaml, "/b/*.yaml"]
              evaluationInterval: 5s
              notify: []
            log: { level: debug }
            """)
        #expect(configuration.mqtt.host == "broker.lan")
        #expect(configuration.mqtt.port == 8883)
        #expect(configuration.mqtt.clientID == "shard-1")
        #expect(configuration.mqtt.username == "quantrac")
        #expect(configuration.mqtt.passwordFile == "/etc/quantrac/password")
        #expect(configuration.mqtt.caFile == "/ca.pem")
        #expect(configuration.mqtt.certificateFile == "/c.pem")
        #expect(configuration.mqtt.keyFile == "/k.pem")
        #expect(configuration.mqtt.qos == 0)
        #expect(configuration.mqtt.topics == ["city/north/#", "city/+/power"])
        #expect(!configuration.mqtt.sparkplugRebirth)
        #expect(configuration.store.directory == "/data")
        #expect(configuration.store.diskBudget == ByteCount(bytes: 2 << 30))
        #expect(configuration.store.memoryBudget == ByteCount(mebibytes: 32))
        #expect(configuration.store.syncWindow == .milliseconds(250))
        #expect(configuration.store.timeResolution == .milliseconds(100))
        #expect(configuration.query.socket == "/run/q.sock")
        #expect(configuration.query.listen.map { "\($0)" } == "127.0.0.1:8420")
        #expect(configuration.households.default == "nobody")
        #expect(configuration.households.patterns == ["city/{household}/#"])
        #expect(configuration.alerts.rules == ["/a.yaml", "/b/*.yaml"])
        #expect(configuration.alerts.evaluationInterval == .seconds(5))
        #expect(configuration.logLevel == "debug")
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let configuration = try read(
            "mqtt: { host: a, port: 1 }\n",
            [
                "QUANTRAC_MQTT_HOST": "b", "QUANTRAC_MQTT_CLIENT_ID": "c", "QUANTRAC_MQTT_TOPICS": "x/#, y",
                "QUANTRAC_STORE_DISK_BUDGET": "1GiB", "QUANTRAC_QUERY_LISTEN": "null",
                "QUANTRAC_SOCKET": "belongs to the client", "PATH": "/bin",
            ])
        #expect(configuration.mqtt.host == "b")
        #expect(configuration.mqtt.port == 1)
        #expect(configuration.mqtt.clientID == "c")
        #expect(configuration.mqtt.topics == ["x/#", "y"])
        #expect(configuration.store.diskBudget == ByteCount(bytes: 1 << 30))
    }

    @Test func aHouseholdsQuotaIsAsTheOthersWhereItSaysNothing() throws {
        let quota = try read(
            """
            quota:
              households:
                h7: { series: 200, readingsPerSecond: 50 }
                cửa hàng: { newSeriesPerHour: null }
              newSeriesPerHour: 30
            """, ["QUANTRAC_QUOTA_SERIES": "7"]
        ).quota
        #expect(quota.default == HouseholdQuota(series: 7, newSeriesPerHour: 30))
        #expect(
            quota.byHousehold == [
                "h7": HouseholdQuota(series: 200, newSeriesPerHour: 30, readingsPerSecond: 50),
                "cửa hàng": HouseholdQuota(series: 7),
            ])
        #expect(try read("quota: { series: null, newSeriesPerHour: null }\n").quota.default == .unlimited)
    }

    @Test func everyKeyHasAVariable() {
        for key in ConfigurationKey.all {
            let variable = ConfigurationReader.variable(for: key.path)
            #expect(variable.hasPrefix("QUANTRAC_"))
            #expect(variable.allSatisfy { $0 == "_" || ($0.isASCII && $0.isLetter && $0.isUppercase) })
        }
    }

    @Test(arguments: [
        ("mqtt:\n  hots: x\n", "q.yaml:2: mqtt.hots: unknown key; did you mean mqtt.host?"),
        ("mqqt: { host: x }\n", "q.yaml:1: mqqt: unknown key"),
        ("mqtt:\n  host: x\n  port: many\n", "q.yaml:3: mqtt.port: must be a port from 1 to 65535, not 'many'"),
        ("mqtt: { port: 70000 }\n", "q.yaml:1: mqtt.port: must be a port"),
        ("mqtt: { port: 0 }\n", "q.yaml:1: mqtt.port: must be a port"),
        ("mqtt: { port: [1] }\n", "mqtt.port: must be a port from 1 to 65535, not [1]"),
        ("mqtt: { host: null }\n", "mqtt.host: must be a host name or address, not null"),
        ("mqtt: { qos: 2 }\n", "mqtt.qos: must be 0 or 1"),
        ("mqtt: { topics: \"#\" }\n", "mqtt.topics: must be a list"),
        ("mqtt: { topics: [\"a/#/b\"] }\n", "'a/#/b' is none"),
        ("mqtt: { tls: { caFile: { a: b } } }\n", "mqtt.tls.caFile: must not be a group of keys"),
        ("mqtt: 7\n", "q.yaml:1: mqtt: must be a group of keys"),
        ("- a\n", "q.yaml:1: must be a group of keys"),
        (
            "store: { diskBudget: lots }\n",
            "store.diskBudget: must be a size such as 512MiB, and at least 4MiB, not 'lots'"
        ),
        ("store: { diskBudget: 99999999999TiB }\n", "store.diskBudget: must be a size"),
        ("store: { diskBudget: 1KiB }\n", "and at least 4MiB, not '1KiB'"),
        ("store: { memoryBudget: 1KiB }\n", "store.memoryBudget: must be a size"),
        ("mqtt: { topics: [] }\n", "mqtt.topics: must be a list of topic filters"),
        ("households: { default: a/b }\n", "households.default: must be a name"),
        ("store: { syncWindow: 11s }\n", "store.syncWindow: must be auto or a time from 0ms to 10s"),
        ("store: { timeResolution: 7ms }\n", "store.timeResolution: must be 1ms, 10ms, 100ms or 1s"),
        ("query: { listen: \"0.0.0.0:8420\" }\n", "query.listen: "),
        ("query: { listen: nonsense }\n", "query.listen: "),
        ("query: { tls: { keyFile: /k.pem } }\n", "query.tls.keyFile: cannot be set yet"),
        ("households: { patterns: [\"city/#\"] }\n", "'city/#' is none"),
        ("mqtt: { sparkplugRebirth: maybe }\n", "mqtt.sparkplugRebirth: must be true or false, not 'maybe'"),
        (
            "quota: { series: many }\n",
            "q.yaml:1: quota.series: must be a whole number from 0 to 1000000000 or null, not"
        ),
        ("quota: { readingsPerSecond: -1 }\n", "quota.readingsPerSecond: must be a whole number"),
        ("quota:\n  seris: 1\n", "q.yaml:2: quota.seris: unknown key; did you mean quota.series?"),
        ("quota:\n  households: [h7]\n", "q.yaml:2: quota.households: must be a group of keys"),
        ("quota:\n  households:\n    h7: 5\n", "q.yaml:3: quota.households.h7: must be a group of keys"),
        ("quota:\n  households:\n    h7: { series: x }\n", "q.yaml:3: quota.households.h7.series: must be a whole"),
        ("quota:\n  households:\n    h7: { siries: 1 }\n", "quota.households.h7.siries: unknown key; there are series"),
        ("quota:\n  households:\n    \"\": { series: 1 }\n", "q.yaml:3: quota.households.: is no household's name"),
        ("alerts: { notify: [email] }\n", "q.yaml:1: alerts.notify.server: must be set for email"),
        ("alerts: { evaluationInterval: 0s }\n", "alerts.evaluationInterval: must be a time"),
        ("log: { level: loud }\n", "log.level: must be one of trace"),
        ("mqtt: { host: a, host: b }\n", "the same key twice"),
        ("mqtt: {\n", "q.yaml:"),
        ("a: b: c\n", "q.yaml:1: is no YAML"),
    ])
    func aMistakeIsNamed(text: String, expected: String) {
        let line = refusal(text)
        #expect(line?.contains(expected) == true, "\(line ?? "accepted")")
        #expect(line?.contains("\n") == false)
    }

    @Test(arguments: [
        ("mqtt: { tls: { keyFile: /k.pem, certificateFile: /c.pem } }\n", "mqtt.tls.caFile: must be set"),
        ("mqtt: { tls: { caFile: /dev/null, keyFile: /k.pem } }\n", "certificateFile and keyFile belong together"),
        ("mqtt: { tls: { caFile: /nowhere/ca.pem } }\n", "/nowhere/ca.pem cannot be read"),
        ("mqtt: { passwordFile: /dev/null }\n", "mqtt.username: must be set with mqtt.passwordFile"),
        ("mqtt: { username: a, passwordFile: /nowhere/password }\n", "mqtt.passwordFile: cannot be read"),
    ])
    func halfASettingIsNotIgnored(text: String, expected: String) throws {
        let configuration = try read(text)
        do {
            try configuration.check()
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description.contains(expected), "\(error)")
        }
    }

    @Test func aMisspeltVariableIsNamed() {
        #expect(refusal(nil, ["QUANTRAC_MQTT_HSOT": "x"])?.contains("QUANTRAC_MQTT_HSOT: unknown variable") == true)
        #expect(
            refusal(nil, ["QUANTRAC_MQTT_PORT": "x"])
                == "QUANTRAC_MQTT_PORT: mqtt.port: must be a port from 1 to 65535, not 'x'")
    }
}
