import Readings

/// What goes wrong with a sensor, or with what it measures, for a while.
struct Fault {
    enum Kind: String, CaseIterable {
        case spike, shift, drift, stuck, noise, zeros, phase

        var words: String {
            switch self {
            case .spike: "one reading 8 deviations off"
            case .shift: "12 hours 4 deviations off"
            case .drift: "drifts 6 deviations in a day"
            case .stuck: "the same value for a day"
            case .noise: "6 hours of noise, 3 deviations"
            case .zeros: "half the readings 0 for 3 hours"
            case .phase: "a day that is 8 hours late"
            }
        }

        var hours: Double {
            switch self {
            case .spike: 0
            case .shift: 12
            case .drift, .stuck, .phase: 24
            case .noise: 6
            case .zeros: 3
            }
        }
    }

    let kind: Kind
    /// From the first reading that is wrong to the last.
    let time: ClosedRange<Timestamp>
    /// When it may still be noticed.
    var noticeable: ClosedRange<Timestamp> { time.lowerBound...time.upperBound.advanced(byMilliseconds: 3_600_000) }

    /// Spoils `samples` from row `first` on; nil if there are no readings to spoil.
    init?(_ kind: Kind, at first: Int, in samples: inout [Sample], deviation: Double, _ random: inout SeededRandom) {
        let original = samples
        let start = original[first].time
        let length = Int64(kind.hours * 3_600_000)
        let sign: Double = random.below(2) == 0 ? -1 : 1
        var last = first
        while last + 1 < original.count, original[last + 1].time.milliseconds(since: start) <= length { last += 1 }
        guard kind == .spike || last - first >= 4 else { return nil }
        var earlier = first
        for row in first...last {
            let value = original[row].value
            switch kind {
            case .spike: samples[row].value = value + sign * 8 * deviation
            case .shift: samples[row].value = value + sign * 4 * deviation
            case .drift:
                let share = Double(original[row].time.milliseconds(since: start)) / Double(length)
                samples[row].value = value + sign * 6 * deviation * share
            case .stuck: samples[row].value = original[first].value
            case .noise: samples[row].value = value + 3 * deviation * random.normal()
            case .zeros: if random.below(2) == 0 { samples[row].value = 0 }
            case .phase:
                while earlier > 0, original[row].time.milliseconds(since: original[earlier].time) < 8 * 3_600_000 {
                    earlier -= 1
                }
                while original[row].time.milliseconds(since: original[earlier + 1].time) >= 8 * 3_600_000 {
                    earlier += 1
                }
                samples[row].value = original[earlier].value
            }
        }
        self.kind = kind
        time = start...original[last].time
    }
}
