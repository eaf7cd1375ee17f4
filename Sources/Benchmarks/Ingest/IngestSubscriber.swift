import Foundation

/// One of those that are compared: something that takes in messages from a broker, as a process of its own.
protocol IngestSubscriber {
    /// What is subscribed.
    var process: ChildProcess { get }
    /// That, and whatever else it needs: what is reckoned up.
    var processes: [ChildProcess] { get }
    /// Comes back when it has subscribed.
    func waitUntilReady() throws
    /// Comes back when it has taken in all messages.
    ///
    /// - Returns: when the first and when the last was there, in nanoseconds of the monotonic clock.
    func waitUntilDone() throws -> (first: UInt64, last: UInt64)
}

extension IngestSubscriber {
    var processes: [ChildProcess] { [process] }
    var cpuSeconds: Double { processes.reduce(0) { $0 + $1.cpuSeconds } }
}

extension ChildProcess {
    /// Waits for the line with which a subscriber says when its first and its last message were there.
    func waitForSpan(atMost seconds: Double = 60) throws -> (first: UInt64, last: UInt64) {
        try wait(atMost: seconds, for: "the last message") {
            guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("done ") }) else { return nil }
            let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
            return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
        }
    }
}

/// The bare subscriber, which tells by itself.
struct BareIngest: IngestSubscriber {
    let process: ChildProcess

    init(port: UInt16, messages: Int, programs: String, scratch: String) throws {
        process = try ChildProcess(
            programs + "/quantrac-bench", ["bare-subscriber", "--port", "\(port)", "--messages", "\(messages)"],
            outputPath: scratch + "/bare.log")
    }

    func waitUntilReady() throws {
        try process.wait(for: "its subscription") { process.output.hasPrefix("ready") ? () : nil }
    }

    func waitUntilDone() throws -> (first: UInt64, last: UInt64) {
        try process.waitForSpan()
    }
}

/// The daemon, which is asked over its socket. A message counts once its readings are durable.
struct DaemonIngest: IngestSubscriber {
    let process: ChildProcess
    private let messages: Int
    private let socket: String

    init(port: UInt16, messages: Int, programs: String, scratch: String) throws {
        self.messages = messages
        socket = scratch + "/query.sock"
        let configuration = """
            mqtt: { host: 127.0.0.1, port: \(port), clientId: quantrac-bench }
            store: { directory: "\(scratch)/store", diskBudget: 512MiB }
            query: { socket: "\(socket)" }
            alerts: { rules: [] }
            log: { level: warning }
            """
        try configuration.write(toFile: scratch + "/quantrac.yaml", atomically: false, encoding: .utf8)
        process = try ChildProcess(
            programs + "/quantracd", ["--config", scratch + "/quantrac.yaml"], outputPath: scratch + "/quantracd.log")
    }

    func waitUntilReady() throws {
        try process.wait(every: 0.02, for: "its connection") {
            metric("quantrac_broker_connected") == 1 ? () : nil
        }
        // The SUBSCRIBE goes out with the connection's acknowledgement.
        usleep(300_000)
    }

    func waitUntilDone() throws -> (first: UInt64, last: UInt64) {
        let first = try process.wait(every: 0.005, for: "the first message") {
            taken > 0 ? monotonicNanoseconds() : nil
        }
        // Asked seldom until it is nearly done, so that the questions do not cost what is to be measured.
        try process.wait(every: 0.1, atMost: 600, for: "most messages") { taken > messages * 9 / 10 ? () : nil }
        let last = try process.wait(every: 0.005, for: "the last message") {
            taken >= messages ? monotonicNanoseconds() : nil
        }
        return (first, last)
    }

    /// Messages whose readings did not become durable readings, by any reason.
    var refused: Int { Int(sum(of: "quantrac_refused_total")) }

    private var taken: Int { Int(metric("quantrac_messages_total") ?? 0) }

    private func metric(_ name: String) -> Double? {
        values(of: name).first
    }

    private func sum(of name: String) -> Double { values(of: name).reduce(0, +) }

    /// The values of the lines `name value` and `name{…} value`.
    private func values(of name: String) -> [Double] {
        guard let answer = get("/metrics", socket: socket) else { return [] }
        return answer.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix(name + " ") || line.hasPrefix(name + "{") else { return nil }
            return line.split(separator: " ").last.flatMap { Double($0) }
        }
    }
}
