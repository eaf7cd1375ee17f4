import Intake
import Readings
import TestSupport
import Testing

/// Devices with clocks of all kinds, silences and bursts, a broker that repeats itself: whatever they do, true times stay, wrong
/// ones end near the truth, and nothing is there twice or not at all.
@Suite("Whatever devices' clocks do, true times stay and wrong ones are repaired")
struct ClockPropertyTests {
    enum Kind: CaseIterable {
        case right, zone, unset, drifting, jumping
    }

    struct Device {
        var name: String
        var kind: Kind
        var period: Double
        var latency: Double
        /// Seconds by which its clock is ahead, at a time in seconds since the beginning.
        var ahead: (Double) -> Double
        /// After each of these its clock is another one, which has to be found out.
        var changes: [Double]
        /// How far off its times may be in the end, in seconds.
        var mostError = 3.0
    }

    struct Message {
        var arrival: Double
        var measured: Double
        var device: Int
        var value: Double
        var wasBuffered: Bool
    }

    private static let length = 40_000.0

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func clocksOfAllKinds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let devices = Kind.allCases.flatMap { kind in (0..<2).map { makeDevice("\(kind)-\($0)", kind, &random) } }
        let messages = devices.indices.flatMap { schedule($0, devices[$0], &random) }.sorted { $0.arrival < $1.arrival }
        let bench = ClockHousehold()
        play(messages, devices, on: bench, &random)

        for (index, device) in devices.enumerated() {
            let sent = messages.filter { $0.device == index }.sorted { $0.value < $1.value }
            let stored = bench.samples(of: device.name).sorted { $0.value < $1.value }
            try #require(stored.map(\.value) == sent.map(\.value), "seed \(seed), \(device.name)")
            let mayBeOff = learningTimes(sent, device)
            let fault = zip(stored, sent).first { sample, message in
                let truth = ClockHousehold.start.later(message.measured)
                // A right clock may be off by so little that it is believed.
                guard device.kind != .right else { return sample.time != truth.later(device.ahead(0)) }
                return abs(sample.time.seconds(since: truth)) > device.mostError
                    && !mayBeOff.contains { $0.contains(message.arrival) }
            }
            if let (sample, message) = fault {
                Issue.record(
                    """
                    seed \(seed), \(device.name), period \(device.period), changes at \(device.changes): measured at \
                    \(message.measured), arrived at \(message.arrival), is stored at \
                    \(sample.time.seconds(since: ClockHousehold.start)); \(stored.count) readings
                    """)
            }
            if device.kind == .right { #expect(bench.marks(of: device.name).isEmpty, "seed \(seed)") }
        }
    }

    private func makeDevice(_ name: String, _ kind: Kind, _ random: inout SeededGenerator) -> Device {
        let period = Double(Int.random(in: 5...300, using: &random))
        // A part of a second of its own, so that no two of its times are the same.
        var device = Device(
            name: name, kind: kind, period: period, latency: Double.random(in: 0...1, using: &random),
            ahead: { _ in 0 }, changes: [])
        switch kind {
        case .right:
            let slip = Double(Int.random(in: -20...20, using: &random))
            device.ahead = { _ in slip }
        case .zone:
            let offset = Double(Int.random(in: 1...12, using: &random) * (Bool.random(using: &random) ? 3600 : -3600))
            device.ahead = { _ in offset }
            device.changes = [0]
        case .unset:
            let set = Double.random(in: 5_000...15_000, using: &random)
            let begin = Double(ClockHousehold.start.milliseconds / 1000) - 500
            device.ahead = { $0 < set ? -begin : 0 }
            device.changes = [0, set]
        case .drifting:
            let rate = Double.random(in: 1...10, using: &random) * (Bool.random(using: &random) ? 1 : -1) / 3600
            let offset = Bool.random(using: &random) ? 700.0 : -700
            device.ahead = { offset + rate * $0 }
            // What it drifts while it is silent is found out afterwards, if there is time before the next silence.
            device.mostError += abs(rate) * 5_000
            device.changes = [0]
        case .jumping:
            let times = (1...3).map { Double($0) * Self.length / 4 }
            let offsets = times.map { _ in Double(Int.random(in: 700...90_000, using: &random)) }
            let signs = times.map { _ in Bool.random(using: &random) ? 1.0 : -1 }
            device.ahead = { time in
                times.lastIndex { $0 <= time }.map { offsets[$0] * signs[$0] + Double($0 + 1) * 0.137 } ?? 0
            }
            device.changes = times
        }
        return device
    }

    /// What a device sends, with silences after which it sends what it measured meanwhile, in one go.
    private func schedule(_ index: Int, _ device: Device, _ random: inout SeededGenerator) -> [Message] {
        var messages: [Message] = []
        var time = Double.random(in: 0...1000, using: &random) / 1000
        var silentUntil = 0.0
        var free = 0.0
        while time < Self.length {
            // Clocks are learned, and set, while they are heard.
            let isCalm = !device.changes.contains { time > $0 - 2_600 && time < $0 + device.period * 8 + 300 }
            if time >= silentUntil, isCalm, Double.random(in: 0..<1, using: &random) < 0.01 {
                silentUntil = time + Double.random(in: 60...2_500, using: &random)
            }
            free = max(time + device.latency, silentUntil, free + 0.02)
            messages.append(
                Message(
                    arrival: free, measured: time, device: index, value: Double(messages.count),
                    wasBuffered: silentUntil > time))
            time += device.period
        }
        return messages
    }

    private func play(
        _ messages: [Message], _ devices: [Device], on bench: ClockHousehold, _ random: inout SeededGenerator
    ) {
        func send(_ message: Message, id: UInt16, again: Bool?) {
            let device = devices[message.device]
            bench.send(
                message.value,
                at: ClockHousehold.start.later(message.measured + device.ahead(message.measured)), from: device.name,
                id: id,
                again: again)
        }
        for (number, message) in messages.enumerated() {
            bench.time = ClockHousehold.start.later(message.arrival)
            send(message, id: UInt16(number % 60_000 + 1), again: nil)
            guard Double.random(in: 0..<1, using: &random) < 0.01 else { continue }
            // The connection breaks; acknowledgements of the last messages were lost.
            bench.intake.connected(sessionPresent: true)
            for old in max(0, number - Int.random(in: 0...20, using: &random))...number {
                send(messages[old], id: UInt16(old % 60_000 + 1), again: true)
            }
            bench.intake.redeliveriesAreOver()
        }
    }

    /// When a wrong clock may not be known yet.
    private func learningTimes(_ sent: [Message], _ device: Device) -> [ClosedRange<Double>] {
        device.changes.map { change in
            let first = sent.first { $0.measured >= change }?.arrival ?? change
            return change...first + max(150, device.period * 6)
        }
    }
}
