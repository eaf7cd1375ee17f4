import ArgumentParser
import Glibc

/// `publish-readings`: a simulated household that publishes to a broker, for trying things out and for tests.
@main
struct PublishReadingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish-readings",
        abstract: "Publishes the readings of a simulated household to an MQTT broker.",
        discussion: """
            The same seed gives the same values. Fifteen seconds after the start somebody leaves the freezer's door open \
            for half a minute, and again every four minutes.
            """)

    @Option(help: ArgumentHelp("The broker.", valueName: "host:port"))
    var broker = BrokerAddress.local

    @Option(help: ArgumentHelp("Messages a second, all devices together, or 'max'.", valueName: "number|max"))
    var rate: Rate?

    @Option(help: ArgumentHelp("Each device reports once in so many seconds (default: 5).", valueName: "seconds"))
    var interval: Double?

    @Option(help: ArgumentHelp("End after so many seconds.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("End after exactly so many messages.", valueName: "number"))
    var count: Int?

    @Option(help: ArgumentHelp("How many devices (default: one of each kind, 13).", valueName: "number"))
    var devices: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only devices of these conventions.", valueName: "name"))
    var convention: [Convention] = []

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

    @Option(
        help: ArgumentHelp(
            "Publish the numbers 1, 2, 3 … at QoS 1 instead of a household, and append those that the broker acknowledged.",
            valueName: "file"))
    var ledger: String?

    @Option(help: ArgumentHelp("With --ledger: JSON with a time, or the plain number.", valueName: "json|plain"))
    var ledgerStyle = CounterStream.Style.json

    func validate() throws {
        func check(_ holds: Bool, _ message: String) throws {
            if !holds { throw ValidationError(message) }
        }
        try check(rate == nil || interval == nil, "--rate and --interval exclude each other.")
        try check(interval.map { (0.001...86_400).contains($0) } ?? true, "--interval must be from 0.001 to 86400.")
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
        guard ledger != nil else { return }
        try check(!print && !printJsonl, "--ledger needs a broker: leave --print away.")
        try check(
            faults == nil && convention.isEmpty,
            "--ledger publishes numbers, not a household: it knows no --faults and no --convention.")
        try check(interval == nil, "--ledger takes its pace from --rate.")
    }

    func run() throws {
        StopRequest.listen()
        let start = ContinuousClock.now
        do {
            let published = try ledger.map(runLedger(_:)) ?? runHousehold()
            let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
            // On a terminal the progress stands in this line.
            let lineStart = isatty(STDERR_FILENO) == 1 ? "\r" : ""
            tell(lineStart + "published \(published) messages in \(text(seconds, 1)) s\n")
        } catch let error as PublishingError {
            tell("publish-readings: \(error)\n")
            switch error {
            case .unreachable, .refused: throw ExitCode(2)
            default: throw ExitCode(1)
            }
        }
    }

    private func runLedger(_ path: String) throws -> Int {
        let stream = CounterStream(
            style: ledgerStyle, devices: devices ?? 1, rate: (rate ?? .perSecond(100)).messagesPerSecond, count: count,
            duration: duration.map { .seconds($0) }, topicPrefix: topicPrefix)
        return try stream.run(to: broker, window: window, ledger: path)
    }

    private func runHousehold() throws -> Int {
        let faults = try faultSet()
        let conventions = convention.isEmpty ? Set(Convention.allCases) : Set(convention)
        let household = Household(
            count: devices, conventions: conventions, seed: seed, clockFaults: faults.contains(.skew))
        var run = HouseholdRun(
            HouseholdStream(
                household, pace: pace(deviceCount: household.deviceCount), faults: FaultInjector(faults, seed: seed),
                seed: seed,
                start: startMilliseconds(deviceCount: household.deviceCount)),
            isPaced: !isUnpaced, count: count, duration: duration.map { .seconds($0) }, topicPrefix: topicPrefix)
        try run.run {
            if print || printJsonl { return PrintingOutlet(print ? .tabs : .json) }
            return try BrokerConnection(to: broker, qos: qos, window: window)
        }
        return run.published
    }

    private var isUnpaced: Bool {
        if case .max = rate { true } else { false }
    }

    private func pace(deviceCount: Int) -> HouseholdStream.Pace {
        if let messagesPerSecond = rate?.messagesPerSecond { return .overall(messagesPerSecond: messagesPerSecond) }
        return .everyDevice(seconds: isUnpaced ? unpacedInterval(deviceCount: deviceCount) : interval ?? 5)
    }

    /// At full speed hours pass in seconds. They lie in the past, so that no message comes from the future.
    private func startMilliseconds(deviceCount: Int) -> Int64 {
        guard isUnpaced else { return Moment.wallClock() }
        let past = Double(unpacedRounds(deviceCount: deviceCount)) * unpacedInterval(deviceCount: deviceCount)
        return Moment.wallClock() - Int64(past * 1000)
    }

    /// At full speed the household lives through one second a round, or less if it would be more than a day in all.
    private func unpacedInterval(deviceCount: Int) -> Double {
        min(1, 86_400 / Double(unpacedRounds(deviceCount: deviceCount)))
    }

    /// No more than so many times each device reports.
    private func unpacedRounds(deviceCount: Int) -> Int {
        count.map { $0 / deviceCount + 1 } ?? 86_400
    }

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
}

/// How fast: so many messages a second, or as fast as they are taken.
enum Rate: ExpressibleByArgument {
    case perSecond(Double)
    case max

    init?(argument: String) {
        if argument == "max" {
            self = .max
        } else if let number = Double(argument), (0.001...1e7).contains(number) {
            self = .perSecond(number)
        } else {
            return nil
        }
    }

    var messagesPerSecond: Double? {
        if case .perSecond(let number) = self { number } else { nil }
    }
}

extension BrokerAddress {
    static let local = BrokerAddress(host: "127.0.0.1", port: 1883)

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}
