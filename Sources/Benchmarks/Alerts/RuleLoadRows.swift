import Glibc

/// What rules cost, and how soon a notice of a reading is where it is to be.
struct RuleLoadRows {
    let place: TemporaryPlace
    let printer: ResultPrinter
    /// A tenth of the rules and series.
    let quick: Bool

    private static let loadGoal = 10.0
    private static let noticeGoal = 250.0

    func measure() throws {
        let fleet = HouseFleet(houses: quick ? 1_000 : 10_000)
        let receiver = try WebhookReceiver()
        let seconds = quick ? 15.0 : 60.0
        let bare = try place.with("without-rules") { scratch in
            let daemon = try AlertingDaemon(rules: nil, webhook: receiver.port, scratch: scratch)
            defer { daemon.terminate() }
            return try load(of: daemon, fleet, seconds)
        }
        try place.with("with-rules") { scratch in
            let daemon = try AlertingDaemon(rules: fleet.rules, webhook: receiver.port, scratch: scratch)
            defer { daemon.terminate() }
            let withRules = try load(of: daemon, fleet, seconds)
            printer.print(
                BenchmarkRow(
                    "\(fleet.houses) rules, \(fleet.series) series, each 15 s", (withRules - bare) * 100,
                    "% of a core",
                    goal: quick ? nil : .atMost(RuleLoadRows.loadGoal),
                    beside: BenchmarkRow.Companion(name: "all else", value: bare * 100),
                    note: "every series has a reading a minute, each of which has its rule evaluated, too"))
            try printNotices(of: daemon, fleet, receiver, "reading to webhook, among \(fleet.houses) rules")
        }
        try place.with("one-rule") { scratch in
            let home = HouseFleet(houses: 1)
            let daemon = try AlertingDaemon(rules: home.rules, webhook: receiver.port, scratch: scratch)
            defer { daemon.terminate() }
            try publishAll(of: home, to: daemon)
            // Until the rule has been evaluated once: then it watches its series.
            sleep(16)
            try printNotices(of: daemon, home, receiver, "reading to webhook, a single rule")
        }
    }

    // MARK: - Load

    /// The share of a core that the daemon takes, once every series is there, at a reading of each a minute.
    private func load(of daemon: AlertingDaemon, _ fleet: HouseFleet, _ seconds: Double) throws -> Double {
        printer.printProgress("registering \(fleet.series) series")
        try publishAll(of: fleet, to: daemon)
        printer.printProgress("until the rules have seen them")
        try publish(fleet, to: daemon, for: 45)
        printer.printProgress("measuring")
        let before = daemon.process.cpuSeconds
        let took = try Benchmarks.seconds { try publish(fleet, to: daemon, for: seconds) }
        return (daemon.process.cpuSeconds - before) / took
    }

    private func publishAll(of fleet: HouseFleet, to daemon: AlertingDaemon) throws {
        for device in 0..<fleet.devices {
            try daemon.publisher.publish(fleet.topic(device), fleet.payload(0))
            // What lies in the publisher's memory is not to become too much.
            if device.isMultiple(of: 1000) { try daemon.waitFor(messages: device) }
        }
        try daemon.waitFor(messages: fleet.devices)
    }

    /// One device after the other, as many in a second as make a round in a minute.
    private func publish(_ fleet: HouseFleet, to daemon: AlertingDaemon, for seconds: Double) throws {
        let start = monotonicNanoseconds()
        let interval = 60e9 / Double(fleet.devices)
        var count = 0
        while true {
            let elapsed = Double(monotonicNanoseconds() - start)
            guard elapsed < seconds * 1e9 else { return }
            while Double(count) * interval < elapsed {
                try daemon.publisher.publish(
                    fleet.topic(count % fleet.devices), fleet.payload(1 + count / fleet.devices))
                count += 1
            }
            usleep(2000)
        }
    }

    // MARK: - Notices

    private func printNotices(
        of daemon: AlertingDaemon, _ fleet: HouseFleet, _ receiver: WebhookReceiver, _ what: String
    ) throws {
        printer.printProgress(what)
        var times: [Double] = []
        for round in 0..<(quick ? 10 : 100) {
            let device = round * 37 % fleet.devices
            let start = monotonicNanoseconds()
            try daemon.publisher.publish(
                fleet.topic(device), fleet.payload(round, temperature: 70 + Double(round) / 10))
            guard let told = receiver.arrival(of: "\"House\(device / 2)\"", after: start, within: 30) else {
                throw ChildProcess.Failure(
                    description: "the webhook heard nothing of \(fleet.topic(device)) within 30 s")
            }
            times.append(Double(told - start) / 1e6)
            let end = monotonicNanoseconds()
            try daemon.publisher.publish(fleet.topic(device), fleet.payload(round))
            _ = receiver.arrival(of: "resolved", after: end, within: 30)
            usleep(UInt32.random(in: 0...200_000))
        }
        let worst = times.max() ?? 0
        printer.print(
            BenchmarkRow(
                what, median(times), "ms", goal: .atMost(RuleLoadRows.noticeGoal),
                note:
                    "the slowest of \(times.count): \(worst.rounded()) ms; with a real broker, a sync of the reading and one of the notice"
            ))
    }
}
