import Readings

/// A sensor's readings, as they were and with faults.
struct FaultySeries {
    let clean: [Sample]
    private(set) var spoiled: [Sample]
    private(set) var faults: [Fault] = []
    /// Before it nothing is wrong, and nobody is asked.
    let begin: Timestamp
    let isHeldOut: Bool

    private static let day: Int64 = 86_400_000
    private static let learning = 7 * day
    private static let pause = 4 * day

    /// Nil for less than ten days, for a sensor that says nothing for more than half of the hours, and for a constant one.
    init?(_ samples: [Sample], isHeldOut: Bool, _ random: inout SeededRandom) {
        guard let first = samples.first, let last = samples.last,
            last.time.milliseconds(since: first.time) >= 10 * FaultySeries.day
        else { return nil }
        let hours = Set(samples.map { $0.time.milliseconds / 3_600_000 })
        let deviation = FaultySeries.deviation(samples)
        guard Int64(hours.count) * 7_200_000 > last.time.milliseconds(since: first.time), deviation > 0 else {
            return nil
        }
        self.isHeldOut = isHeldOut
        clean = samples
        spoiled = samples
        begin = first.time.advanced(byMilliseconds: FaultySeries.learning)
        var kind = random.below(Fault.Kind.allCases.count)
        var next = begin.advanced(byMilliseconds: Int64(random.below(Int(FaultySeries.day))))
        for row in samples.indices where samples[row].time >= next {
            let fault = Fault(
                Fault.Kind.allCases[kind], at: row, in: &spoiled, deviation: deviation, &random)
            kind = (kind + 1) % Fault.Kind.allCases.count
            // The zeros of a sensor that is mostly at 0 are no fault, and the value of a still one is the same anyway.
            if let fault, clean[row].time < last.time { faults.append(fault) }
            next = samples[row].time.advanced(
                byMilliseconds: FaultySeries.pause + Int64(random.below(Int(FaultySeries.day))))
        }
        faults.removeAll { fault in
            !zip(clean, spoiled).contains { fault.time.contains($0.0.time) && $0.0.value != $0.1.value }
        }
    }

    /// What a reading usually differs by from the others of its hour of the day: 1.4826 of the median distance from their median.
    private static func deviation(_ samples: [Sample]) -> Double {
        let byHour = Dictionary(grouping: samples) { $0.time.milliseconds / 3_600_000 % 24 }
        let distances = byHour.values.flatMap { samples in
            let centre = median(samples.map(\.value))
            return samples.map { ($0.value - centre).magnitude }
        }
        return 1.4826 * median(distances)
    }
}

extension RecordedData {
    /// Of each series, whether it is held out: of each device's columns every second two are, so that what belongs together (the
    /// temperature and the humidity of a room) stays together.
    var heldOut: [Bool] {
        var places: [String: Int] = [:]
        return series.map { labels in
            let device = labels["device"] ?? ""
            defer { places[device, default: 0] += 1 }
            return places[device, default: 0] / 2 % 2 == 1
        }
    }

    /// Its series one by one: ascending, no instant twice.
    var samplesBySeries: [[Sample]] {
        var samples = Array(repeating: [Sample](), count: series.count)
        for row in rows {
            for (number, value) in zip(row.series, row.values) where value.isFinite {
                if let last = samples[number].last, last.time.milliseconds >= row.time { continue }
                samples[number].append(Sample(time: Timestamp(milliseconds: row.time), value: value))
            }
        }
        return samples
    }
}
