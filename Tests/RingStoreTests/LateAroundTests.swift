import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// Late readings before and behind a question, and none in it, change nothing of its answer.
@Suite struct LateReadingsAroundAQuestion {
    private let hour = BucketGrid.kept(width: 3_600_000)

    private final class OneSeries {
        let store: RingStore
        let writer: StoreWriter
        let series: SeriesRef
        var now: Int64 = 1_700_000_000_000
        private var random = SeededGenerator(seed: 7)

        init() throws {
            var options = StoreOptions(diskBudget: 64 << 20, memoryBudget: 8 << 20)
            options.geometry = StoreGeometry(
                segmentBytes: 64 << 10, segmentCount: 200, logBytes: 1 << 20, catalogueBytes: 64 << 10)
            options.sealingWorker = { SteppedWorker(isImmediate: true) }
            (store, writer) = try RingStore.open(directory: SimulatedDisk(seed: 1).directory, options: options)
            let found = writer.register(SeriesDescriptor(labels: ["__name__": "t"], unit: nil))
            guard case .series(let series) = found else { throw StoreError.closed }
            self.series = series
        }

        /// A reading a second, up to `end`.
        func fill(to end: Int64) throws {
            while now < end {
                var batch = Batch()
                for _ in 0..<100 {
                    now += 1000
                    batch.beginMessage()
                    batch.beginRow(at: Timestamp(milliseconds: now))
                    batch.add(series, Double(random.next() % 1_000_000) / 1000)
                }
                _ = try writer.append(batch)
                _ = writer.catchUp()
            }
        }

        func put(at time: Int64) throws {
            var batch = Batch()
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: time))
            batch.add(series, 1)
            _ = try writer.append(batch)
        }

        var state: StoreState { store.snapshot().state }
    }

    @Test func countsAllOfTheHourInWhichASegmentEnds() throws {
        let one = try OneSeries()
        while one.state.segments.isEmpty || one.state.nextToDerive != nil { try one.fill(to: one.now + 100_000) }
        let sealed = try #require(one.state.segments.last).lastTime
        let start = hour.start(of: sealed)
        let end = hour.end(of: sealed)
        try one.fill(to: end + 2 * hour.width)
        // The segment's hours are known to a tier, and what came since is not.
        try #require(one.state.segments.count == 1 && one.state.tiers[1].isKept && sealed < end)
        for late in [nil, start - 5 * hour.width + 500, end + hour.width + 500] as [Int64?] {
            if let late { try one.put(at: late) }
            var counts: [Int] = []
            let range = Timestamp(milliseconds: start - hour.width)...Timestamp(milliseconds: end)
            try one.store.snapshot().aggregates(of: one.series, in: range, step: hour.width) { run in
                for index in run.indices { counts.append(run[index].count) }
                return true
            }
            #expect(counts.suffix(1) == [3600], "late at \(late ?? 0)")
        }
    }
}
