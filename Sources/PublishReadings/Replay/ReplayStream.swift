/// The rows of a recording as messages of one convention, at their own pace or faster.
struct ReplayStream: MessageSource {
    /// Which times messages tell.
    enum Times {
        /// When the row was measured.
        case recorded
        /// As if it were measured when it is published. Milliseconds since 1970 of the first row.
        case now(start: Int64)
    }

    private let recording: Recording
    private let convention: any Convention
    /// How many times as fast as it was; nil: all is due at once.
    private let speed: Double?
    private let times: Times
    private let devices: [Device]
    private let clocks: [DeviceClock]
    private var faults: FaultInjector
    private var numbers: [Int]
    private var position = 0
    private var hasAnnounced = false

    /// - Throws: if the convention can say none of what the recording holds.
    init(
        _ recording: Recording, convention: any Convention, speed: Double?, times: Times, faults: FaultInjector,
        hasClockFaults: Bool, seed: UInt64
    ) throws {
        self.recording = recording
        self.convention = convention
        self.speed = speed
        self.times = times
        self.faults = faults
        clocks = recording.devices.indices.map { hasClockFaults ? .ofFaulty($0) : .exact }
        numbers = Array(repeating: 0, count: recording.devices.count)
        var generator = SplitMix64(seed: seed).branch("replay")
        devices = recording.devices.map { name in
            Device(
                name: name, id: ReplayStream.identifier(name),
                address: 0x0200_0000_0000 | generator.next() & 0x00FF_FFFF_FFFF, quantities: recording.quantities)
        }
        let sample = Report(
            number: 1, measurements: recording.quantities.map { Measurement($0, $0 == .pressure ? 1_000 : 2) }, time: 0,
            writtenTime: 0,
            uptime: 0)
        let says = devices.first.map { device in
            convention.publications(of: sample, from: device).contains { !$0.meant.isEmpty }
        }
        guard says == true else {
            throw ReplayError.nothingToSay(
                convention: convention.name, columns: recording.quantities.map(\.metric))
        }
    }

    mutating func next() -> Burst? {
        guard hasAnnounced else {
            hasAnnounced = true
            return Burst(due: 0, publications: convention.announcements(of: devices), progress: 0)
        }
        guard position < recording.rows.count, let first = recording.rows.first else { return nil }
        let row = recording.rows[position]
        position += 1
        numbers[row.device] += 1
        let elapsed = Double(row.time - first.time) / 1000
        let due = speed.map { elapsed / $0 } ?? 0
        let time: Int64 =
            switch times {
            case .recorded: row.time
            case .now(let start): start + Int64(due * 1000)
            }
        let report = Report(
            number: numbers[row.device], measurements: row.measurements, time: time,
            writtenTime: clocks[row.device].time(time, elapsed: elapsed), uptime: Int(elapsed))
        let publications = convention.publications(of: report, from: devices[row.device])
        let delivered = faults.deliver(
            publications, of: row.device, tellsTime: convention.tellsTime, elapsed: elapsed)
        let flood =
            faults.isFloodDue(elapsed: elapsed) ? faults.flood(of: convention.announcements(of: devices)) : []
        return Burst(
            due: due, publications: delivered + flood, progress: Double(position) / Double(recording.rows.count))
    }

    func farewell() -> [Publication] { convention.farewell(of: devices) }

    /// What of a name may stand in topics and identifiers of all conventions.
    private static func identifier(_ name: String) -> String {
        var id = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": id.unicodeScalars.append(scalar)
            case "A"..."Z": id += scalar.properties.lowercaseMapping
            default: if !id.isEmpty, id.last != "-" { id += "-" }
            }
        }
        while id.last == "-" { id.removeLast() }
        return id.isEmpty ? "device" : id
    }
}
