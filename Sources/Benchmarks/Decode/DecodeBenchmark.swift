import PayloadDecoders

/// `tools/bench decode`: messages a second that one core turns into readings, each figure beside a bare pass over the same
/// payloads in the same run.
struct DecodeBenchmark {
    struct Options {
        /// Of each kind.
        var devices: Int
        var repetitions: Int
        /// Only kinds whose names have this in them.
        var only: String
        var format: ResultPrinter.Format
    }

    let options: Options
    private let seed: UInt64 = 20_261_123

    func run() {
        let printer = ResultPrinter(format: options.format)
        printer.printHeader([
            "Decoding in process, one thread, release build, \(options.devices) devices of each kind in turn, each seen "
                + "before, seed \(seed).",
            "Processor time; medians of \(options.repetitions) passes. 'ratio' is what was reached, divided by what stands "
                + "beside it.",
        ])
        printer.printTitle("Messages a second on one core")
        let kinds = MessageKind.all.filter { options.only.isEmpty || $0.name.contains(options.only) }
        for kind in kinds { printer.print(row(kind.name, [kind], devices: options.devices, goal: kind.goal)) }
        // As many topics as a household's decoders remember.
        let measured = kinds.filter { $0.goal != nil }
        if measured.count > 1, let goal = measured[0].goal {
            printer.print(
                row(
                    "Tasmota and Zigbee2MQTT in turn", measured, devices: min(options.devices, 8000 / measured.count),
                    goal: goal))
        }
        if kinds.count > measured.count {
            printer.print(row("all of these in turn", kinds, devices: min(options.devices, 8000 / kinds.count)))
        }
    }

    private func row(_ name: String, _ kinds: [MessageKind], devices: Int, goal: Double? = nil) -> BenchmarkRow {
        let messages = RecordedMessages(kinds, devices: devices, seed: seed)
        var registry = DecoderRegistry(zone: .utc)
        var decoded = DecodedMessage()
        messages.announce(to: &registry)
        let readings = messages.decode(by: &registry, into: &decoded)
        // A pass of at least some 20,000 messages.
        let rounds = max(1, 20_000 / messages.count)
        let decoding = nanoseconds(rounds * messages.count) {
            for _ in 0..<rounds { keep(Double(messages.decode(by: &registry, into: &decoded))) }
        }
        let passing = nanoseconds(rounds * messages.count) {
            for _ in 0..<rounds { keep(Double(messages.search())) }
        }
        let count = Double(messages.count)
        return BenchmarkRow(
            name, 1e3 / decoding, "M/s", goal: goal.map { .atLeast($0 / 1e6) },
            beside: BenchmarkRow.Companion(name: "memchr over the payload", value: 1e3 / passing),
            note: "\(Int(decoding.rounded())) ns a message of \(Int(Double(messages.payloadBytes) / count)) bytes and "
                + "\(tenths(Double(readings) / count)) readings; the bare pass \(tenths(passing)) ns")
    }

    /// The median time of a message.
    private func nanoseconds(_ messages: Int, _ pass: () -> Void) -> Double {
        var times: [Double] = []
        for _ in 0..<options.repetitions {
            let start = threadNanoseconds()
            pass()
            times.append(Double(threadNanoseconds() - start) / Double(messages))
        }
        return median(times)
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
