import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct TiersOfManySeriesTakeSeveralSegmentsAtOnce {
    /// A reading every six seconds of 120 series: the headers of their chunks alone would fill three segments.
    @Test func andTellWhatTheReadingsCameTo() throws {
        var options = StoreOptions(diskBudget: 8 << 20, memoryBudget: 16 << 20, identityWindow: 32)
        options.geometry = StoreGeometry(
            segmentBytes: 8 << 10, segmentCount: 400, logBytes: 512 << 10, catalogueBytes: 64 << 10)
        options.sealingWorker = { SteppedWorker(isImmediate: true) }
        let disk = SimulatedDisk(seed: 5)
        var (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var refs: [SeriesRef] = []
        for number in 0..<120 {
            let labels: Labels = ["__name__": "m", "device": "d\(number)", "household": "h"]
            guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else { continue }
            refs.append(ref)
        }
        let first: Int64 = 1_700_002_800_001
        let rounds: Int64 = 20_000
        var random = SeededGenerator(seed: 6)
        var sums: [[Int64: (count: Int, sum: Int)]] = Array(repeating: [:], count: refs.count)
        for round in 0..<rounds {
            var batch = Batch()
            let time = first + 6000 * round
            for (number, ref) in refs.enumerated() {
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: time))
                let tenths = Int(random.next() % 50)
                batch.add(ref, Double(tenths) / 10)
                let hour = sums[number][(time - first) / 3_600_000] ?? (0, 0)
                sums[number][(time - first) / 3_600_000] = (hour.count + 1, hour.sum + tenths)
            }
            _ = try writer.append(batch)
            if round == rounds / 2 {
                disk.restart()
                (store, writer) = try RingStore.open(directory: disk.directory, options: options)
            }
        }
        let state = writer.state
        #expect(state.tiers[1].isKept && state.tiers[1].segments.contains { $0.isContinued })
        #expect(store.statistics.evictedSegments > 100)
        print("\(state.segments.count) raw, tiers \(state.tiers.map { "\($0.isKept) \($0.segments.count)" })")
        let range = Timestamp(milliseconds: first)...Timestamp(milliseconds: first + 6000 * rounds)
        for (number, ref) in refs.enumerated() {
            var found: [Int64: (count: Int, sum: Int)] = [:]
            try store.snapshot().aggregates(of: ref, in: range, step: 3_600_000) { run in
                for index in run.indices {
                    let hour = (run[index].start.milliseconds - first) / 3_600_000
                    found[hour] = (run[index].count, Int((run[index].sum * 10).rounded()))
                }
                return true
            }
            let known = (max(first, state.tiers[1].knownFrom) - first + 3_599_999) / 3_600_000
            for (hour, right) in sums[number] where hour >= known {
                #expect(
                    found[hour]?.count == right.count && found[hour]?.sum == right.sum, "series \(number), hour \(hour)"
                )
            }
            #expect(known < 20 && sums[number].count > 30, "the hours reach far back")
        }
    }
}
