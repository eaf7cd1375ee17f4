/// Four series with a reading a second, of which some share rows, and one of a device that buffers: after a while without a
/// network it goes on where it stopped, in its own order. A few rows come late, with any age that the ring still reaches back
/// to: new ones, corrections, and repeated ones.
package struct DenseWorkload: Sendable {
    package struct Row: Sendable {
        package var time: Int64
        package var samples: [(series: Int, value: Double)]
    }

    package static let series = 4
    package static let start: Int64 = 1_700_000_000_000
    private static let second: Int64 = 1000

    package private(set) var now = DenseWorkload.start
    private var random: SplitMix64
    /// Of a thousand rows, so many come late.
    private let late: Int
    /// Of a thousand rows, so many are followed by a gap, or by a time in which the last device has no network.
    private let gaps: Int
    /// Where the device that buffers is.
    private var buffered = DenseWorkload.start
    private var silentRows = 0

    package init(seed: UInt64, late: Int, gaps: Int = 0) {
        random = SplitMix64(seed: seed)
        self.late = late
        self.gaps = gaps
    }

    /// The next rows. Late ones are not older than `oldest`; `model` is what they may repeat.
    package mutating func rows(_ count: Int, oldest: Int64, _ model: DenseModel) -> [Row] {
        (0..<count).map { _ in
            random.below(1000) < late && oldest < now ? lateRow(oldest, model) : nextRow()
        }
    }

    private mutating func lateRow(_ oldest: Int64, _ model: DenseModel) -> Row {
        // Every third as near to the ring's end as can be.
        let span = Int(now - oldest) / (random.below(3) == 0 ? 20 : 1)
        var time = oldest + Int64(random.below(span))
        let series = random.below(DenseWorkload.series)
        var number = value()
        if random.below(2) == 0 {
            // At the instant of one that is there, and sometimes with its value.
            time -= time % DenseWorkload.second
            if random.below(4) == 0, let known = model.samples[series][time] { number = known }
        }
        return Row(time: time, samples: series == 0 ? [(0, number), (1, value())] : [(series, number)])
    }

    private mutating func nextRow() -> Row {
        if random.below(1000) < gaps { now += Int64(random.below(5000)) * DenseWorkload.second }
        if random.below(1000) < gaps { silentRows = random.below(20_000) }
        silentRows = max(0, silentRows - 1)
        // Behind, it catches up; and now and then it has forgotten everything.
        if buffered < now, silentRows == 0, random.below(2) == 0 {
            buffered = random.below(10_000) < gaps ? now : min(now, buffered + DenseWorkload.second)
            return Row(time: buffered, samples: [(3, value())])
        }
        now += DenseWorkload.second
        now -= now % DenseWorkload.second
        // Of two kinds, so that two series are in several groups.
        return random.below(10) < 8
            ? Row(time: now, samples: [(0, value()), (1, value()), (2, value())])
            : Row(time: now, samples: [(0, value()), (1, value())])
    }

    private mutating func value() -> Double { Double(random.below(2000)) / 100 }
}
