import Intake
import PayloadDecoders
import QueryServer
import RingStore

/// One key of the configuration: where it stands, and how its text becomes a value. The file and the environment are
/// both read through this one list.
struct ConfigurationKey: Sendable {
    /// What a file or a variable gives for a key.
    enum Value: Sendable, Equatable {
        case null
        case text(String)
        case list([String])
    }

    /// What is wrong with a value, as the end of the sentence "KEY …".
    struct Problem: Error, Equatable {
        var text: String
    }

    /// `mqtt.clientId`
    let path: String
    /// Whether its value is a list: in the environment the items then stand between commas.
    let takesList: Bool
    let apply: @Sendable (inout Configuration, Value) throws(Problem) -> Void

    private init(
        _ path: String, takesList: Bool = false,
        _ apply: @escaping @Sendable (inout Configuration, Value) throws(Problem) -> Void
    ) {
        self.path = path
        self.takesList = takesList
        self.apply = apply
    }

    /// A key with a text, whose meaning `parse` finds; nil from `parse` means "must be `what`".
    private static func scalar<T>(
        _ path: String, _ target: any WritableKeyPath<Configuration, T> & Sendable, _ what: String,
        _ parse: @escaping @Sendable (String) -> T?
    ) -> ConfigurationKey {
        ConfigurationKey(path) { (configuration, value) throws(Problem) in
            guard case .text(let text) = value, let parsed = parse(text) else {
                throw Problem(text: "must be \(what), not \(value)")
            }
            configuration[keyPath: target] = parsed
        }
    }

    /// The same for a key that may be null.
    private static func optional<T>(
        _ path: String, _ target: any WritableKeyPath<Configuration, T?> & Sendable, _ what: String,
        _ parse: @escaping @Sendable (String) -> T?
    ) -> ConfigurationKey {
        ConfigurationKey(path) { (configuration, value) throws(Problem) in
            if value == .null {
                configuration[keyPath: target] = nil
                return
            }
            guard case .text(let text) = value, let parsed = parse(text) else {
                throw Problem(text: "must be \(what) or null, not \(value)")
            }
            configuration[keyPath: target] = parsed
        }
    }

    private static func list(
        _ path: String, _ target: any WritableKeyPath<Configuration, [String]> & Sendable, _ what: String,
        mayBeEmpty: Bool = true, _ accepts: @escaping @Sendable (String) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(path, takesList: true) { (configuration, value) throws(Problem) in
            guard case .list(let texts) = value, !texts.isEmpty || mayBeEmpty else {
                throw Problem(text: "must be a list of \(what), not \(value)")
            }
            if let wrong = texts.first(where: { !accepts($0) }) {
                throw Problem(text: "must be a list of \(what), and '\(wrong)' is none")
            }
            configuration[keyPath: target] = texts
        }
    }

    /// A key of a later version: its default may stand in a file, anything else is refused rather than ignored.
    private static func notYet(_ path: String, takesList: Bool = false, _ why: String) -> ConfigurationKey {
        ConfigurationKey(path, takesList: takesList) { (_, value) throws(Problem) in
            guard value == .null || value == .list([]) else { throw Problem(text: "cannot be set yet: \(why)") }
        }
    }

    private static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    @Sendable private static func anyText(_ text: String) -> String? { text.isEmpty ? nil : text }

    static let all: [ConfigurationKey] = [
        scalar("mqtt.host", \.mqtt.host, "a host name or address", anyText),
        scalar("mqtt.port", \.mqtt.port, "a port from 1 to 65535") { UInt16($0).flatMap { $0 > 0 ? $0 : nil } },
        // MQTT v3.1.1 brokers need not take more than 23 bytes, but all that matter do.
        scalar("mqtt.clientId", \.mqtt.clientID, "a name of 1 to 128 characters") {
            (1...128).contains($0.utf8.count) ? $0 : nil
        },
        optional("mqtt.username", \.mqtt.username, "a name", anyText),
        optional("mqtt.passwordFile", \.mqtt.passwordFile, "a file's path", anyText),
        optional("mqtt.tls.caFile", \.mqtt.caFile, "a file's path", anyText),
        optional("mqtt.tls.certificateFile", \.mqtt.certificateFile, "a file's path", anyText),
        optional("mqtt.tls.keyFile", \.mqtt.keyFile, "a file's path", anyText),
        scalar("mqtt.qos", \.mqtt.qos, "0 or 1 (QoS 2 cannot be acknowledged after the sync)") {
            ["0": 0, "1": 1][$0]
        },
        list(
            "mqtt.topics", \.mqtt.topics, "topic filters such as \"#\" or \"city/+/sensors/#\"", mayBeEmpty: false,
            isTopicFilter),
        scalar("mqtt.sparkplugRebirth", \.mqtt.sparkplugRebirth, "true or false") {
            ["true": true, "false": false][$0]
        },
        scalar("store.directory", \.store.directory, "a directory's path", anyText),
        scalar(
            "store.diskBudget", \.store.diskBudget,
            "a size such as 512MiB, and at least \(StoreOptions.leastDiskBudget >> 20)MiB"
        ) {
            ByteCount($0).flatMap { $0.bytes >= StoreOptions.leastDiskBudget ? $0 : nil }
        },
        scalar(
            "store.memoryBudget", \.store.memoryBudget,
            "a size such as 64MiB, and at least \(StoreOptions.leastMemoryBudget >> 20)MiB"
        ) {
            ByteCount($0).flatMap { $0.bytes >= StoreOptions.leastMemoryBudget ? $0 : nil }
        },
        ConfigurationKey("store.syncWindow") { (configuration, value) throws(Problem) in
            if value == .text("auto") {
                configuration.store.syncWindow = nil
                return
            }
            guard case .text(let text) = value, let window = Duration(configurationText: text),
                window <= .seconds(10)
            else { throw Problem(text: "must be auto or a time from 0ms to 10s, not \(value)") }
            configuration.store.syncWindow = window
        },
        scalar("store.timeResolution", \.store.timeResolution, "1ms, 10ms, 100ms or 1s") {
            ["1ms": .milliseconds(1), "10ms": .milliseconds(10), "100ms": .milliseconds(100), "1s": .seconds(1)][$0]
        },
        scalar("query.socket", \.query.socket, "a path of at most 107 bytes") {
            (1...107).contains($0.utf8.count) ? $0 : nil
        },
        ConfigurationKey("query.listen") { (configuration, value) throws(Problem) in
            if value == .null {
                configuration.query.listen = nil
                return
            }
            guard case .text(let text) = value else {
                throw Problem(text: "must be an address such as \"127.0.0.1:8420\" or null, not \(value)")
            }
            let address: ListenAddress
            do {
                address = try ListenAddress(text)
            } catch {
                throw Problem(text: "\(error)")
            }
            configuration.query.listen = address
        },
        notYet("query.tls.certificateFile", "query.listen takes only loopback addresses in this version"),
        notYet("query.tls.keyFile", "query.listen takes only loopback addresses in this version"),
        scalar("households.default", \.households.default, "a name without '/', '+' and '#'") {
            SafeName.fault(in: $0) != nil || $0.contains { "/+#".contains($0) } ? nil : $0
        },
        list(
            "households.patterns", \.households.patterns,
            "topic patterns with one level {household}, such as \"city/{household}/#\"",
            { HouseholdPattern($0) != nil }),
        optional("quota.series", \.quota.default.series, QuotaReader.what, QuotaReader.number),
        optional("quota.newSeriesPerHour", \.quota.default.newSeriesPerHour, QuotaReader.what, QuotaReader.number),
        optional("quota.readingsPerSecond", \.quota.default.readingsPerSecond, QuotaReader.what, QuotaReader.number),
        list("alerts.rules", \.alerts.rules, "paths, which may hold '*'", { !$0.isEmpty }),
        scalar("alerts.evaluationInterval", \.alerts.evaluationInterval, "a time from 1s to 1h, such as 15s") {
            Duration(configurationText: $0).flatMap { (.seconds(1) ... .seconds(3600)).contains($0) ? $0 : nil }
        },
        optional("alerts.externalUrl", \.alerts.externalURL, "an address such as \"https://hub.example.org\"") {
            $0.hasPrefix("http://") || $0.hasPrefix("https://")
                ? ($0.hasSuffix("/") ? String($0.dropLast()) : $0) : nil
        },
        scalar("log.level", \.logLevel, "one of \(levels.joined(separator: ", "))") { levels.contains($0) ? $0 : nil },
    ]

    /// MQTT v5 §4.7.1: `#` only as the last level, `+` only as a whole level.
    @Sendable private static func isTopicFilter(_ text: String) -> Bool {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        return !text.isEmpty && text.utf8.count <= 65_535
            && levels.enumerated().allSatisfy { index, level in
                if level == "#" { return index == levels.count - 1 }
                return level == "+" || !level.contains { "+#\0".contains($0) }
            }
    }
}

extension ConfigurationKey.Value: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .text(let text): "'\(text)'"
        case .list(let texts): "[\(texts.joined(separator: ", "))]"
        }
    }
}
