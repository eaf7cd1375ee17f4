import Foundation
import Glibc
import Readings
import Synchronization
import TestSupport
import Testing

@testable import RingStore

/// The fill test: a ring that goes round three times on a real disk never takes more than its budget, whenever one looks.
@Suite struct TheDiskBudget {
    @Test func isNeverExceededWhileTheRingTurns() throws {
        // Near the least, so that three turns are soon made, and no multiple of anything.
        let budget = StoreOptions.leastDiskBudget + 54_321
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let watcher = DirectoryWatcher(path)
        defer { _ = watcher.stop() }
        var options = StoreOptions(diskBudget: budget, memoryBudget: 16 << 20)
        var fill = RandomRows(seed: budget)
        // A turn for each of three starts, of which only the last is followed by a close: starting needs room, too.
        for turn in 1...3 {
            let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            while store.statistics.sealedSegments < UInt64(store.statistics.poolSegments) {
                try fill.append(to: writer)
            }
            #expect(store.statistics.evictedSegments > 0)
            #expect(store.statistics.diskUsed <= options.diskBudget)
            if turn == 3 { try writer.close() }
        }
        let seen = watcher.stop()
        #expect(seen.samples > 10)
        #expect(seen.most <= budget, "\(seen.most) bytes of \(budget), in \(seen.samples) samples")

        // A larger budget later: the pool grows, and no further than that.
        options.diskBudget = budget * 2
        let growing = DirectoryWatcher(path)
        defer { _ = growing.stop() }
        let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        while store.statistics.evictedSegments == 0 { try fill.append(to: writer) }
        try writer.close()
        #expect(growing.stop().most <= options.diskBudget)
    }
}

/// Rows of random numbers, which no codec makes smaller: what fills a ring soonest.
private struct RandomRows {
    private var random: SeededGenerator
    private var time: Int64 = 0
    private var batch = Batch()

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func append(to writer: StoreWriter) throws {
        var refs: [SeriesRef] = []
        for number in 0..<40 {
            let labels: Labels = ["__name__": "noise", "device": "d\(number)", "household": "h"]
            if case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) { refs.append(ref) }
        }
        batch.removeAll()
        for _ in 0..<50 {
            time += Int64(random.next() % 1000) + 1
            batch.beginRow(at: Timestamp(milliseconds: time))
            for ref in refs { batch.add(ref, Double(bitPattern: random.next())) }
        }
        #expect(try writer.append(batch).stored == batch.sampleCount, "seed \(random.seed)")
    }
}
