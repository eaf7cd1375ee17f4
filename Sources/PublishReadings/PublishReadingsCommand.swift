import ArgumentParser
import Glibc

/// `publish-readings`: readings for trying things out and for tests, of a simulated household or from a recording.
@main
struct PublishReadingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish-readings",
        abstract: "Publishes test readings to an MQTT broker: a simulated household, or a CSV file.",
        discussion: """
            The same seed gives the same values. Fifteen seconds after the start somebody leaves the freezer's door open \
            for half a minute, and again every four minutes. At the end it says how many messages were published, and how \
            many of them the broker has acknowledged.

              publish-readings --broker 127.0.0.1:1883
              publish-readings --devices 5000 --interval real --faults duplicates,skew,late
              publish-readings --convention ruuvi sparkplug --rate 200 --ledger sent.jsonl
              publish-readings --replay climate.csv.zst --device-column node --speed 60
            """)

    @Option(help: ArgumentHelp("The broker.", valueName: "host:port"))
    var broker = BrokerAddress.local

    @Option(help: ArgumentHelp("Messages a second, all devices together, or 'max'.", valueName: "number|max"))
    var rate: Rate?

    @Option(
        help: ArgumentHelp(
            "Each device reports once in so many seconds (default: 5), or 'real': a plug every 10 s, a thermometer on change, a battery device after 5 to 15 min, LoRa every 20 min.",
            valueName: "seconds|real"))
    var interval: Interval?

    @Option(help: ArgumentHelp("End after so many seconds.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("End after exactly so many messages.", valueName: "number"))
    var count: Int?

    @Option(help: ArgumentHelp("How many devices (default: one home's, \(Household.homeSize)).", valueName: "number"))
    var devices: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only devices of these conventions (--list tells more of them).", valueName: "name"))
    var convention: [ConventionName] = []

    @Option(help: ArgumentHelp("What chance begins with.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Quality of service, 0 or 1.", valueName: "0|1"))
    var qos: Int32 = 1

    @Option(help: ArgumentHelp("Put before every topic, such as city/house-7.", valueName: "prefix"))
    var topicPrefix = ""

    @Option(
        help: ArgumentHelp(
            "What goes wrong, with commas between: \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "names"))
    var faults: String?

    @Option(help: ArgumentHelp("At QoS 1, how many messages may wait for the broker.", valueName: "number"))
    var window = 1_000

    @Flag(help: "Print topic, tab, payload instead of publishing.")
    var print = false

    @Flag(help: "Print JSON lines, as 'quantrac decode --jsonl' reads them, instead of publishing.")
    var printJsonl = false

    @Flag(help: "Print the conventions and the faults, and end.")
    var list = false

    @Option(
        help: ArgumentHelp(
            "Append what the broker has acknowledged, a JSON line for each reading that Quantrac must have: device, metric, value, unit, time.",
            valueName: "file"))
    var ledger: String?

    @Option(
        help: ArgumentHelp(
            "With --ledger: publish the numbers 1, 2, 3 … instead of a household, as JSON with a time or plain; the ledger then holds the numbers.",
            valueName: "json|plain"))
    var ledgerStyle: CounterStream.Style?

    @OptionGroup(title: "Replay")
    var replay: ReplayOptions

    func validate() throws {
        func check(_ holds: Bool, _ message: String) throws {
            if !holds { throw ValidationError(message) }
        }
        try check(rate == nil || interval == nil, "--rate and --interval exclude each other.")
        try check(
            duration.map { (0.001...1e8).contains($0) } ?? true, "--duration must be a positive number of seconds.")
        try check((1...).contains(count ?? 1), "--count must be 1 or more.")
        try check((1...1_000_000).contains(devices ?? 1), "--devices must be from 1 to 1000000.")
        try check((0...1).contains(qos), "--qos must be 0 or 1.")
        try check((1...60_000).contains(window), "--window must be from 1 to 60000.")
        try check(
            !topicPrefix.contains { "+#\0".contains($0) } && !topicPrefix.hasSuffix("/"),
            "--topic-prefix must not hold '+' or '#', nor end in '/'.")
        try check(!(print && printJsonl), "--print and --print-jsonl exclude each other.")
        _ = try faultSet()
        if replay.replay != nil {
            try check(rate == nil && interval == nil, "--replay takes its pace from --speed.")
            try check(devices == nil, "--replay has the file's devices: leave --devices away.")
            try check(convention.count <= 1, "--replay speaks one --convention.")
        }
        try check(ledgerStyle == nil || ledger != nil, "--ledger-style needs --ledger FILE.")
        guard ledger != nil else { return }
        try check(!print && !printJsonl, "--ledger needs a broker: leave --print away.")
        try check(qos == 1, "--ledger needs --qos 1: at QoS 0 nothing is acknowledged.")
        guard ledgerStyle != nil else { return }
        try check(
            faults == nil && convention.isEmpty && replay.replay == nil,
            "--ledger-style publishes numbers, not a household: it knows no --faults, --convention and --replay.")
        try check(interval == nil, "--ledger-style takes its pace from --rate.")
    }

    func run() throws {
        if list { return printList() }
        StopRequest.listen()
        let start = ContinuousClock.now
        do {
            let (published, acknowledged) = try publish()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            // On a terminal the progress stands in this line: go to its start and clear it.
            let lineStart = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : ""
            let safe = acknowledged.map { ", \($0) acknowledged" } ?? ""
            tell(lineStart + "published \(published) messages in \(text(seconds, 1)) s\(safe)\n")
        } catch let error as PublishingError {
            tell("publish-readings: \(error)\n")
            switch error {
            case .unreachable, .refused: throw ExitCode(2)
            default: throw ExitCode(1)
            }
        } catch let error as ReplayError {
            tell("publish-readings: \(error)\n")
            throw ExitCode(1)
        }
    }

    private func publish() throws -> (Int, acknowledged: Int?) {
        if let ledger, let ledgerStyle {
            let stream = CounterStream(
                style: ledgerStyle, devices: devices ?? 1, rate: (rate ?? .perSecond(100)).number, count: count,
                duration: duration.map { .seconds($0) }, topicPrefix: topicPrefix)
            return try stream.run(to: broker, window: window, ledger: ledger)
        }
        let (source, isPaced) = try replay.replay.map(replaySource) ?? householdSource()
        var run = PublishingRun(
            source, isPaced: isPaced, count: count, duration: duration.map { .seconds($0) }, topicPrefix: topicPrefix)
        try run.run {
            if print || printJsonl { return PrintingOutlet(print ? .tabs : .json) }
            if let ledger { return try LedgerOutlet(to: broker, window: window, ledger: ledger) }
            return try BrokerConnection(to: broker, qos: qos, window: window)
        }
        return (run.published, run.acknowledged)
    }

    private func printList() {
        Swift.print("conventions:")
        for convention in Conventions.all { Swift.print("  \(padded(convention.name))\(convention.summary)") }
        Swift.print("faults:")
        for fault in Fault.allCases { Swift.print("  \(padded(fault.rawValue))\(fault.summary)") }
    }

    private func padded(_ name: String) -> String { name + String(repeating: " ", count: max(1, 17 - name.count)) }

    private func faultSet() throws -> Set<Fault> {
        let names = faults?.split(separator: ",") ?? []
        return try Set(
            names.map { name in
                guard let fault = Fault(rawValue: String(name)) else {
                    throw ValidationError(
                        "--faults: '\(name)' is none of \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
                return fault
            })
    }

    // MARK: - Replay

    private func replaySource(_ path: String) throws -> (any MessageSource, isPaced: Bool) {
        let recording = try replay.recording(of: path)
        if recording.skipped > 0 { tell("\(recording.skipped) rows have no time that can be read and are left out\n") }
        let faults = try faultSet()
        let stream = try ReplayStream(
            recording, convention: convention.first?.convention ?? GenericJSON(), speed: replay.speed.number,
            times: replay.times == .recorded ? .recorded : .now(start: wallClock()),
            faults: FaultInjector(faults, seed: seed), hasClockFaults: faults.contains(.skew), seed: seed)
        return (stream, replay.speed.number != nil)
    }

    // MARK: - Household

    private func householdSource() throws -> (any MessageSource, isPaced: Bool) {
        let faults = try faultSet()
        let conventions = convention.isEmpty ? Conventions.all.map(\.name) : convention.map(\.convention.name)
        let household = Household(
            count: devices, conventions: Set(conventions), seed: seed, hasClockFaults: faults.contains(.skew))
        let stream = HouseholdStream(
            household, pace: pace(deviceCount: household.deviceCount), faults: FaultInjector(faults, seed: seed),
            seed: seed, start: startMilliseconds(deviceCount: household.deviceCount))
        return (stream, !isUnpaced)
    }

    private var isUnpaced: Bool {
        if case .max = rate { true } else { false }
    }

    private func pace(deviceCount: Int) -> HouseholdStream.Pace {
        if let messagesPerSecond = rate?.number { return .overall(messagesPerSecond: messagesPerSecond) }
        if isUnpaced { return .everyDevice(seconds: unpacedInterval(deviceCount: deviceCount)) }
        switch interval {
        case .real: return .real
        case .seconds(let seconds): return .everyDevice(seconds: seconds)
        case nil: return .everyDevice(seconds: 5)
        }
    }

    /// At full speed hours pass in seconds. They lie in the past, so that no message comes from the future.
    private func startMilliseconds(deviceCount: Int) -> Int64 {
        guard isUnpaced else { return wallClock() }
        let past = Double(unpacedRounds(deviceCount: deviceCount)) * unpacedInterval(deviceCount: deviceCount)
        return wallClock() - Int64(past * 1000)
    }

    /// At full speed the household lives through one second a round, or less if it would be more than a day in all.
    private func unpacedInterval(deviceCount: Int) -> Double {
        min(1, 86_400 / Double(unpacedRounds(deviceCount: deviceCount)))
    }

    /// No more than so many times each device reports.
    private func unpacedRounds(deviceCount: Int) -> Int {
        count.map { $0 / deviceCount + 1 } ?? 86_400
    }
}
