import Foundation

/// The daemon with a broker of its own, rules, and a webhook to tell.
final class AlertingDaemon {
    let process: ChildProcess
    let publisher: LoopbackPublisher
    private let broker: LoopbackBroker
    private let scratch: String

    /// - Parameters:
    ///   - rules: a rule file's text; nil: none.
    ///   - webhook: a port on loopback.
    init(rules: String?, webhook: UInt16, scratch: String) throws {
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        self.scratch = scratch
        broker = try LoopbackBroker(scratch: scratch)
        if let rules { try rules.write(toFile: scratch + "/rules.yaml", atomically: false, encoding: .utf8) }
        let configuration = """
            mqtt: { host: 127.0.0.1, port: \(broker.port), clientId: quantrac-bench }
            store: { directory: "\(scratch)/store", diskBudget: 2GiB, memoryBudget: 256MiB }
            query: { socket: "\(scratch)/query.sock" }
            quota: { series: 1000000, newSeriesPerHour: 1000000 }
            alerts:
              rules: [\(rules == nil ? "" : "\"\(scratch)/rules.yaml\"")]
              notify: [{ type: webhook, url: "http://127.0.0.1:\(webhook)/" }]
            log: { level: error }
            """
        try configuration.write(toFile: scratch + "/quantrac.yaml", atomically: false, encoding: .utf8)
        let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let process = try ChildProcess(
            programs + "/quantracd", ["--config", scratch + "/quantrac.yaml"], outputPath: scratch + "/quantracd.log")
        self.process = process
        publisher = try LoopbackPublisher(port: broker.port)
        try process.wait(every: 0.02, for: "its connection") { metric("quantrac_broker_connected") == 1 ? () : nil }
        // The SUBSCRIBE goes out with the connection's acknowledgement.
        usleep(300_000)
    }

    /// The value of a line of `/metrics`.
    func metric(_ name: String) -> Double? {
        get("/metrics", socket: scratch + "/query.sock")?.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix(name + " ") }?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// Waits until `count` messages are stored.
    func waitFor(messages count: Int) throws {
        try process.wait(every: 0.1, atMost: 300, for: "\(count) messages") {
            metric("quantrac_messages_total") ?? 0 >= Double(count) ? () : nil
        }
    }

    func terminate() {
        process.terminate()
        broker.process.terminate()
    }
}
