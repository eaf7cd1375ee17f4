import Foundation

/// Durable QoS 1 ingest by the daemon against a bare subscriber, live and from the broker's backlog.
///
/// The two take turns within one run: each repetition of each gets a fresh mosquitto, a fresh store, and the same messages
/// from the same publisher, so that neither has to share the machine with the other.
struct IngestBenchmark {
    /// How many unacknowledged messages each asks the broker for: what the daemon does.
    static let receiveMaximum = 2_000

    let messages: Int
    let repetitions: Int
    let devices: Int

    enum Subscriber: String, CaseIterable {
        case bare = "bare subscriber"
        case daemon = "quantracd"
        case victoriaMetrics = "Paho, VictoriaMetrics"
        case influxDB = "Paho, InfluxDB"
    }

    enum Mode: String, CaseIterable {
        /// The subscriber is there while messages are published.
        case live
        /// The subscriber is halted (SIGSTOP) until all are published, and then goes on.
        case backlog
    }

    struct Measurement {
        var messagesPerSecond: Double
        /// CPU time of the subscriber, in seconds for a million messages.
        var cpuPerMillion: Double
        /// MiB
        var peakResident: Double
    }

    func run() throws {
        print(
            "ingest: \(messages) messages of a household of \(devices) devices, QoS 1, fresh mosquitto and store each time,"
        )
        print("        medians of \(repetitions)")
        print()
        print(row("", "", "messages/s", "CPU s/million", "peak MiB"))
        for mode in Mode.allCases {
            var results: [Subscriber: [Measurement]] = [:]
            for _ in 0..<repetitions {
                for subscriber in [Subscriber.bare, .daemon] {
                    results[subscriber, default: []].append(try measure(subscriber, mode, messages))
                }
            }
            let medians = results.mapValues(median)
            for subscriber in [Subscriber.bare, .daemon] {
                if let result = medians[subscriber] { print(row(mode, subscriber, result)) }
            }
            if let bare = medians[.bare], let daemon = medians[.daemon] {
                print(
                    row(
                        "", "durable / bare", fixed(daemon.messagesPerSecond / bare.messagesPerSecond * 100, 0) + " %",
                        "× " + fixed(daemon.cpuPerMillion / bare.cpuPerMillion, 2), ""))
                if mode == .backlog { try comparePipelines(with: daemon) }
            }
        }
    }

    /// The usual pipelines, over a tenth of the messages: they need minutes for what others do in a second.
    private func comparePipelines(with daemon: Measurement) throws {
        for (subscriber, program) in [
            (Subscriber.victoriaMetrics, VictoriaMetrics.program), (.influxDB, InfluxDB.program),
        ] {
            guard program != nil, PahoBridge.python != nil else {
                print(
                    "backlog  \(subscriber.rawValue): not there; apt-get install python3-paho-mqtt victoria-metrics influxdb"
                )
                continue
            }
            let results = try (0..<repetitions).map { _ in try measure(subscriber, .backlog, max(1000, messages / 10)) }
            let result = median(results)
            print(row(.backlog, subscriber, result))
            print(
                row("", "its CPU / quantracd's", "", "× " + fixed(result.cpuPerMillion / daemon.cpuPerMillion, 1), ""))
        }
    }

    private func row(_ mode: Mode, _ subscriber: Subscriber, _ result: Measurement) -> String {
        row(
            mode.rawValue, subscriber.rawValue, fixed(result.messagesPerSecond, 0), fixed(result.cpuPerMillion, 2),
            fixed(result.peakResident, 1))
    }

    // MARK: - One repetition

    private func measure(_ kind: Subscriber, _ mode: Mode, _ messages: Int) throws -> Measurement {
        let scratch = NSTemporaryDirectory() + "quantrac-bench-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let broker = try LoopbackBroker(scratch: scratch)
        defer { broker.process.terminate() }
        let port = broker.port
        let subscriber: any IngestSubscriber =
            switch kind {
            case .bare: try BareIngest(port: port, messages: messages, programs: programs, scratch: scratch)
            case .daemon: try DaemonIngest(port: port, messages: messages, programs: programs, scratch: scratch)
            case .victoriaMetrics: try pipeline(VictoriaMetrics.self, port, messages, scratch)
            case .influxDB: try pipeline(InfluxDB.self, port, messages, scratch)
            }
        defer { for process in subscriber.processes { process.terminate() } }
        try subscriber.waitUntilReady()
        let cpuBefore = subscriber.cpuSeconds
        if mode == .backlog { subscriber.process.signal(SIGSTOP) }
        let publisher = try ChildProcess(
            programs + "/publish-readings",
            [
                "--broker", "127.0.0.1:\(port)", "--rate", "max", "--qos", "1", "--count", "\(messages)", "--devices",
                "\(devices)", "--convention", "tasmota", "zigbee2mqtt", "esphome", "generic", "plain",
            ], outputPath: scratch + "/publisher.log")
        var start: UInt64?
        if mode == .backlog {
            try publisher.waitForSuccess()
            start = monotonicNanoseconds()
            subscriber.process.signal(SIGCONT)
        }
        let (first, last) = try subscriber.waitUntilDone()
        let cpu = subscriber.cpuSeconds - cpuBefore
        if mode == .live { try publisher.waitForSuccess() }
        if let daemon = subscriber as? DaemonIngest, daemon.refused > 0 {
            print("  note: quantracd has refused \(daemon.refused) readings or messages")
        }
        return Measurement(
            messagesPerSecond: Double(messages) / (Double(last - (start ?? first)) / 1e9),
            cpuPerMillion: cpu / Double(messages) * 1e6,
            peakResident: subscriber.processes.reduce(0) { $0 + $1.peakResidentBytes } / 1_048_576)
    }

    private func pipeline<Database: Peer>(
        _ database: Database.Type, _ port: UInt16, _ messages: Int, _ scratch: String
    ) throws -> PipelineIngest<Database> {
        guard let python = PahoBridge.python, let program = database.program else {
            throw ChildProcess.Failure(description: "\(database.name) or Paho is not there")
        }
        return try PipelineIngest(python: python, program: program, port: port, messages: messages, scratch: scratch)
    }

    private func median(_ measurements: [Measurement]) -> Measurement {
        func middle(_ value: (Measurement) -> Double) -> Double {
            let sorted = measurements.map(value).sorted()
            let upper = sorted.count / 2
            return sorted.count % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2
        }
        return Measurement(
            messagesPerSecond: middle(\.messagesPerSecond), cpuPerMillion: middle(\.cpuPerMillion),
            peakResident: middle(\.peakResident))
    }

    private func row(_ columns: String...) -> String {
        zip(columns, [9, 22, 12, 16, 10]).enumerated().map { index, column in
            let blanks = String(repeating: " ", count: max(0, column.1 - column.0.count))
            return index < 2 ? column.0 + blanks : blanks + column.0
        }.joined()
    }

    private func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
