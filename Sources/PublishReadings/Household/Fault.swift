import ArgumentParser

/// What can be wrong with the messages of real devices.
enum Fault: String, CaseIterable, ExpressibleByArgument {
    /// One message in fifty comes twice.
    case duplicates
    /// Every second device with a clock has it hours off, or never set.
    case skew
    /// Devices with a clock lose their connection for twenty seconds and then send what they kept.
    case late
    /// One message in fifty is followed by one that cannot be read.
    case garbage
}

/// Turns what devices meant to send into what arrives.
struct FaultInjector {
    private let faults: Set<Fault>
    private var generator: SplitMix64
    /// What devices without a connection have kept, by device.
    private var kept: [Int: [Publication]] = [:]

    private static let rarity: UInt64 = 50
    /// Every minute an eighth of the devices is without a connection for this many seconds.
    private static let outage = 20.0

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
        return sent.flatMap { spoil($0) }
    }

    private mutating func spoil(_ publication: Publication) -> [Publication] {
        var out = [publication]
        if faults.contains(.duplicates), generator.next() % FaultInjector.rarity == 0 { out.append(publication) }
        if faults.contains(.garbage), generator.next() % FaultInjector.rarity == 0 { out.append(garbage(publication)) }
        return out
    }

    private mutating func garbage(_ publication: Publication) -> Publication {
        let payload = publication.payload
        let bytes: [UInt8] =
            switch generator.next() % 6 {
            // Cut off, as Tasmota cuts at its packet size.
            case 0: Array(payload.dropLast(payload.count / 2))
            case 1: payload + [0xC3, 0x28, 0xFF]
            case 2: Array(#"{"temperature":NaN}"#.utf8)
            case 3: Array(repeating: UInt8(ascii: "["), count: 5_000)
            case 4: (0..<64).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            default: Array(#"{"temperature":1e999,"humidity":"wet"}"#.utf8)
            }
        return Publication(publication.topic, bytes: bytes)
    }
}
