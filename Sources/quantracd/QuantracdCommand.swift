import Alerting
import ArgumentParser
import CMalloc
import ConfigurationFile
import Foundation
import Glibc

/// `quantracd [--config FILE] [--check-config] [--version]`
@main
struct QuantracdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantracd",
        abstract: "Subscribes to MQTT sensors, keeps their history, fires alerts, answers queries.",
        discussion: """
            Every key of the configuration can also be set in the environment: QUANTRAC_MQTT_HOST for mqtt.host.
            SIGHUP reads rules, alerts.notify, households and log.level anew; SIGTERM stops within 5 seconds with nothing lost.
            """,
        version: Version.text)

    static let defaultFile = "/etc/quantrac/quantrac.yaml"

    @Option(help: "The configuration file. (default: \(defaultFile), if it is there)")
    var config: String?

    @Flag(help: "Read the configuration and its rule files, say whether they are right, and leave.")
    var checkConfig = false

    /// `EX_CONFIG` of `<sysexits.h>`: what systemd and scripts take for "do not try again, mend the configuration".
    private static let configurationStatus: Int32 = 78

    func run() async throws {
        // With as many heaps as there are threads, most of the memory is what one of them once needed and no other can use.
        mallopt(M_ARENA_MAX, 2)
        // Until the rules are loaded there is nothing to read anew, and the signal must not end us.
        signal(SIGHUP, SIG_IGN)
        let configuration: Configuration
        do {
            configuration = try Self.read(config)
        } catch {
            fail("\(error)", status: Self.configurationStatus)
        }
        if checkConfig {
            try Self.checkRules(configuration)
            print("quantracd: the configuration is right")
            return
        }
        do {
            try await Daemon(configuration: configuration, readConfiguration: { [config] in try Self.read(config) })
                .run()
        } catch {
            fail("\(error)", status: 1)
        }
    }

    /// A daemon that runs keeps its old rules beside a broken file, and one that starts does without: whoever asks beforehand
    /// is told of every mistake.
    private static func checkRules(_ configuration: Configuration) throws(ExitCode) {
        var isRight = true
        for path in FilePattern.files(configuration.alerts.rules) {
            do throws(RuleFileErrors) {
                _ = try RuleFile.read(path)
            } catch {
                isRight = false
                tell("\(error)")
            }
        }
        guard isRight else { throw ExitCode(configurationStatus) }
    }

    private static func read(_ config: String?) throws(ConfigurationError) -> Configuration {
        let configuration = try ConfigurationReader.read(
            try readFile(config), named: config ?? defaultFile, environment: ProcessInfo.processInfo.environment)
        try configuration.check()
        return configuration
    }

    /// The file's text; nil if none is named and the usual one is not there.
    private static func readFile(_ config: String?) throws(ConfigurationError) -> String? {
        let path = config ?? defaultFile
        if config == nil, access(path, F_OK) != 0 { return nil }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(
                place: path, problem: "cannot be read: \(error.localizedDescription) Name another with --config.")
        }
    }

    private static func tell(_ text: String) { FileHandle.standardError.write(Data("quantracd: \(text)\n".utf8)) }

    private func fail(_ text: String, status: Int32) -> Never {
        Self.tell(text)
        Glibc.exit(status)
    }
}
