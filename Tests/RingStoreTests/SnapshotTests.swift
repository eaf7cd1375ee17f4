import Foundation
import Readings
import StorageSimulator
import Synchronization
import TestSupport
import Testing

@testable import RingStore

@Suite struct ReadersSeeOneMoment {
    private static let labels: Labels = ["__name__": "m", "device": "d", "household": "h"]

    @Test func aSnapshotDoesNotChange() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: 1)
        func digest(_ snapshot: StoreSnapshot) throws -> [String] {
            try snapshot.series(matching: []).map { ref in
                let samples = try snapshot.samples(ref)
                return
                    "\(ref.index) \(samples.count) \(samples.map(\.value.bitPattern).reduce(0, &+)) \(snapshot.lastSample(of: ref)?.time.milliseconds ?? 0)"
            }
        }
        var taken: [(StoreSnapshot, [String])] = []
        for _ in 0..<25 {
            _ = try writer.append(writer.batch(workload.batch(messages: 30)))
            taken.append((store.snapshot(), try digest(store.snapshot())))
        }
        #expect(store.statistics.sealedSegments > 1)
        for (snapshot, digest_) in taken { #expect(try digest(snapshot) == digest_) }
    }

    /// Real threads: the values of a series rise by one each second, whatever a reader sees must do so without a gap, up
    /// to what was durable before the snapshot was taken.
    @Test func whileTheRingTurnsBelowThem() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny(segments: 8))
        guard case .series(let ref) = writer.register(SeriesDescriptor(labels: Self.labels, unit: nil)) else { return }
        let durable = Mutex(0)
        let isDone = Mutex(false)
        let complaints = Mutex<[String]>([])
        let readers = (0..<2).map { _ in
            let thread = Thread {
                while !isDone.withLock({ $0 }) {
                    let least = durable.withLock { $0 }
                    let snapshot = store.snapshot()
                    let samples = (try? snapshot.samples(ref)) ?? []
                    let numbers = samples.map { Int($0.time.milliseconds) }
                    if (numbers.last ?? 0) < least {
                        complaints.withLock { $0.append("\(numbers.last ?? 0) < \(least)") }
                    }
                    // What the ring wrote over meanwhile may be missing, and nothing else.
                    let oldest = Int(store.statistics.oldest?.milliseconds ?? 0)
                    if !zip(numbers, numbers.dropFirst()).allSatisfy({ $0 + 1 == $1 || $1 <= oldest }) {
                        complaints.withLock { $0.append("a gap") }
                    }
                    if samples.contains(where: { $0.value != Double($0.time.milliseconds) * 1.000123 }) {
                        complaints.withLock { $0.append("a wrong value") }
                    }
                }
            }
            thread.start()
            return thread
        }
        var batch = Batch()
        var number = 0
        for _ in 0..<600 {
            batch.removeAll()
            for _ in 0..<20 {
                number += 1
                batch.beginRow(at: Timestamp(milliseconds: Int64(number)))
                batch.add(ref, Double(number) * 1.000123)
            }
            _ = try writer.append(batch)
            durable.withLock { $0 = number }
        }
        isDone.withLock { $0 = true }
        while !readers.allSatisfy(\.isFinished) { Thread.sleep(forTimeInterval: 0.01) }
        #expect(complaints.withLock { $0 }.isEmpty)
        #expect(store.statistics.evictedSegments > 10)
        #expect(store.statistics.damagedChunks == 0)
    }

    @Test func seriesComeSortedAndMatched() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var batch = Batch()
        for (metric, device) in [("b", "2"), ("a", "9"), ("b", "1"), ("a", "1")] {
            let labels: Labels = ["__name__": metric, "device": device, "household": "h"]
            guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: "Cel")) else {
                continue
            }
            batch.beginRow(at: Timestamp(milliseconds: 1))
            batch.add(ref, 1)
        }
        // Registered, but not durable: nobody sees it.
        #expect(store.snapshot().series(matching: []).isEmpty)
        _ = try writer.append(batch)
        let snapshot = store.snapshot()
        let names = snapshot.series(matching: []).map { ref in
            let labels = snapshot.descriptor(of: ref)?.labels
            return (labels?.metric ?? "") + (labels?.device ?? "")
        }
        #expect(names == ["a1", "a9", "b1", "b2"])
        #expect(snapshot.series(matching: [LabelMatcher("device", equals: "1")]).count == 2)
        #expect(
            snapshot.series(matching: [LabelMatcher("device", equals: "1"), LabelMatcher("__name__", equals: "a")]).map(
                \.index) == [3])
        #expect(snapshot.series(matching: [try LabelMatcher("device", .matches, "1|2")]).count == 3)
        #expect(snapshot.series(matching: [try LabelMatcher("room", .equal, "")]).count == 4)
    }

    @Test(arguments: [51, 52] as [UInt64]) func everyRangeIsThePartOfTheWhole(seed: UInt64) throws {
        let snapshot = try Workload.snapshot(seed: seed)
        var random = SeededGenerator(seed: seed)
        for ref in snapshot.series(matching: []) {
            let all = try snapshot.samples(ref)
            let bounds = try #require(snapshot.timeBounds(of: ref))
            #expect(bounds.lowerBound <= all[0].time && bounds.upperBound >= all[all.count - 1].time)
            for _ in 0..<20 {
                let ends = [0, 1].map { _ in
                    all[Int(random.next() % UInt64(all.count))].time.milliseconds + Int64(random.next() % 3) - 1
                }
                let range = Timestamp(milliseconds: ends.min() ?? 0)...Timestamp(milliseconds: ends.max() ?? 0)
                let part = try snapshot.samples(ref, range)
                let expected = all.filter { range.contains($0.time) }
                #expect(part.map(\.time) == expected.map(\.time), "seed \(seed)")
                #expect(part.map(\.value.bitPattern) == expected.map(\.value.bitPattern), "seed \(seed)")
            }
            // A reader that has enough is asked no more.
            var runs = 0
            try snapshot.scan(ref, in: .all) { _ in
                runs += 1
                return false
            }
            #expect(runs == 1)
        }
    }
}

extension Workload {
    /// What a store on a simulated disk holds after a while, in segments and in memory.
    static func snapshot(seed: UInt64) throws -> StoreSnapshot {
        let disk = SimulatedDisk(seed: seed)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: seed)
        for _ in 0..<25 { _ = try writer.append(writer.batch(workload.batch(messages: 30))) }
        return store.snapshot()
    }
}
