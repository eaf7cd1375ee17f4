/// Turns what devices meant to send into what arrives.
struct FaultInjector: Sendable {
    private let faults: Set<Fault>
    private var generator: SplitMix64
    /// What devices without a connection have kept, by device.
    private var kept: [Int: [Publication]] = [:]
    /// What each device said last, for floods.
    private var lastReports: [Int: [Publication]] = [:]
    private var nextFlood = FaultInjector.floodPeriod

    private static let rarity: UInt64 = 50
    /// Every minute an eighth of the devices is without a connection for this many seconds.
    private static let outage = 20.0
    private static let floodPeriod = 60.0

    init(_ faults: Set<Fault>, seed: UInt64) {
        self.faults = faults
        generator = SplitMix64(seed: seed).branch("faults")
    }

    /// What arrives of `report`, which the device number `device` makes `elapsed` seconds after the start.
    mutating func deliver(
        _ report: [Publication], of device: Int, tellsTime: Bool, elapsed: Double
    ) -> [Publication] {
        guard !faults.isEmpty else { return report }
        var sent = report
        if tellsTime, faults.contains(.late) {
            let minute = Int(elapsed / 60)
            if (device + minute) % 8 == 0, elapsed - Double(minute) * 60 < FaultInjector.outage {
                kept[device, default: []] += report
                return []
            }
            sent = (kept.removeValue(forKey: device) ?? []) + report
        }
        if faults.contains(.flood), !report.isEmpty { lastReports[device] = report }
        return sent.flatMap { spoil($0) }
    }

    /// Whether a flood comes `elapsed` seconds after the start. Says so once a flood.
    mutating func isFloodDue(elapsed: Double) -> Bool {
        guard faults.contains(.flood), elapsed >= nextFlood else { return false }
        nextFlood = elapsed + FaultInjector.floodPeriod
        return true
    }

    /// The retained messages of a flood: `announcements`, and what all devices said last.
    func flood(of announcements: [Publication]) -> [Publication] {
        let states = lastReports.keys.sorted().flatMap { lastReports[$0] ?? [] }
        return (announcements + states).map { publication in
            var publication = publication
            publication.retain = true
            return publication
        }
    }

    private mutating func spoil(_ publication: Publication) -> [Publication] {
        var out = [publication]
        if faults.contains(.duplicates), generator.next() % FaultInjector.rarity == 0 { out.append(publication) }
        if faults.contains(.garbage), generator.next() % FaultInjector.rarity == 0 {
            out.append(Garbage.instead(of: publication, using: &generator))
        }
        return out
    }
}
