import Readings
import TestSupport

/// A meter whose every step is known, what it is read as, and what happened to it.
struct SimulatedMeter {
    enum Mishap: CaseIterable {
        case reset, dip, replacement, spike, gap
    }

    /// What is read, ascending.
    private(set) var samples: [Sample] = []
    /// What was consumed between two readings of which both count, up to each reading.
    private(set) var consumed: [Double] = []
    private(set) var mishaps: [(kind: Mishap, time: Timestamp)] = []

    /// Readings of `days` days each ten to sixty seconds or so, and a mishap now and then, never two within an hour.
    init(seed: UInt64, days: Int64, from start: Timestamp, withMishaps: Bool) {
        var generator = SeededGenerator(seed: seed)
        let cadence = Int64.random(in: 10_000...60_000, using: &generator)
        var register = Double.random(in: 500...20_000, using: &generator)
        var (time, total, power) = (start, 0.0, 0.0)
        let end = start.advanced(byMilliseconds: days * 86_400_000)
        var nextMishap = start.advanced(byMilliseconds: 2 * 3_600_000)
        /// How many readings more are wrong, and how they come.
        var wrong: (count: Int, value: (Double) -> Double) = (0, { $0 })
        while time < end {
            if Int.random(in: 0..<100, using: &generator) == 0 { power = Double.random(in: 0...8, using: &generator) }
            var pause = cadence + Int64.random(in: 0...5000, using: &generator)
            var jump: Double?
            if withMishaps, time >= nextMishap, wrong.count == 0 {
                nextMishap = time.advanced(
                    byMilliseconds: Int64.random(in: 3_600_000...20_000_000, using: &generator))
                let kind = Mishap.allCases.randomElement(using: &generator) ?? .gap
                switch kind {
                case .reset: jump = 0
                case .replacement:
                    let isLower = register > 1000 && Bool.random(using: &generator)
                    jump = isLower ? register * 0.6 : register + Double.random(in: 500...4000, using: &generator)
                case .dip: wrong = (Int.random(in: 1...3, using: &generator), { _ in 0 })
                case .spike: wrong = (Int.random(in: 1...3, using: &generator), { $0 + 4_294_967 })
                case .gap:
                    pause = Int64.random(in: 1_800_000...7_200_000, using: &generator)
                    // Without consumption no one would have to say so.
                    power = max(power, 1)
                }
                mishaps.append((kind, time))
            }
            let amount = power * Double(pause) / 3_600_000
            time = time.advanced(byMilliseconds: pause)
            if let jump {
                // A meter is changed between two readings; what the old one would have counted is lost.
                register = jump
            } else {
                register += amount
                total += amount
            }
            if wrong.count > 0 {
                samples.append(Sample(time: time, value: wrong.value(register)))
                wrong.count -= 1
            } else {
                samples.append(Sample(time: time, value: register))
            }
            consumed.append(total)
        }
    }
}
