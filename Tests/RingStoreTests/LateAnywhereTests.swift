import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct LateReadingsAreTakenAnywhereInTheRing {
    /// However late, and although the segments that hold its hour give way next: a sample is taken as long as nothing of its hour
    /// is gone, and readings and tiers tell it exactly. While segments are made slowly, and over restarts of all kinds.
    @Test(arguments: [(301, 20, 3), (302, 20, 1), (303, 2, 3), (304, 100, 2)] as [(UInt64, Int, UInt64)])
    func andTiersTellThem(seed: UInt64, late: Int, steps: UInt64) throws {
        var ring = FullRing(seed: seed, late: late, segments: 96)
        var (store, writer) = try ring.open()
        var random = SeededGenerator(seed: seed &+ 99)
        var amended = 0
        var evictions: UInt64 = 0
        for round in 0..<1200 {
            let refusals = try ring.append(200, to: store, writer)
            #expect(refusals.isEmpty, "seed \(seed), round \(round): \(refusals.prefix(3))")
            if random.next() % steps == 0 { ring.worker.step() }
            if random.next() % 60 == 0 {
                evictions += store.statistics.evictedSegments
                if random.next() % 2 == 0 { try writer.close() }
                ring.disk.restart()
                (store, writer) = try ring.open()
            }
            amended += writer.state.tiers.contains { !$0.amendments.isEmpty } ? 1 : 0
            guard round % 300 == 299 else { continue }
            let wrong = try ring.complaints(store)
            #expect(wrong.isEmpty, "seed \(seed), round \(round): \(wrong.count), \(wrong.prefix(3))")
            if !wrong.isEmpty || !refusals.isEmpty { return }
        }
        evictions += store.statistics.evictedSegments
        #expect(writer.refusedForWantOfRoom == 0)
        let state = writer.state
        print(
            "seed \(seed): \(state.segments.count) raw, tiers \(state.tiers.map { $0.segments.count }), "
                + "\(evictions) evicted, amended in \(amended) rounds")
        #expect(amended > 20 && evictions > 15)
        #expect(store.statistics.damagedChunks + store.statistics.damagedFrames == 0)
    }

    /// The power goes at calls of a run in which late samples come into hours that are being written over: what is there then is
    /// all of the last batch or nothing of it, in readings and tiers alike.
    @Test func overPowerCuts() throws {
        var ring = FullRing(seed: 311, late: 30, segments: 40, segmentBytes: 4 << 10)
        let (store, writer) = try ring.open()
        var cuts = 0
        var amended = 0
        for round in 0..<340 {
            if round == 300 { ring.disk.recordInterruptions() }
            let before = ring
            _ = try ring.append(100, to: store, writer)
            if round % 2 == 0 { ring.worker.step() }
            guard round >= 300 else { continue }
            for (call, disk) in ring.disk.takeInterruptions() where call % 101 == 0 {
                cuts += 1
                var options = ring.options
                options.sealingWorker = { SteppedWorker(isImmediate: true) }
                let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
                amended += writer.state.tiers.contains { !$0.amendments.isEmpty } ? 1 : 0
                let withBatch = try ring.complaints(store)
                let withoutBatch = withBatch.isEmpty ? [] : try before.complaints(store)
                #expect(withoutBatch.isEmpty, "call \(call): \(withBatch.prefix(2)), \(withoutBatch.prefix(2))")
            }
        }
        print("power cut at \(cuts) calls, amendments at \(amended)")
        #expect(cuts > 20 && amended > 10 && store.statistics.evictedSegments > 10)
    }

    /// Calls fail, several in a row, so that chunks and indices cannot be read for a moment: what is made of them then is made anew
    /// when they can.
    @Test(arguments: [321, 322, 323] as [UInt64]) func whileADiskFailsNowAndThen(seed: UInt64) throws {
        var ring = FullRing(seed: seed, late: 60, segments: 24, segmentBytes: 4 << 10)
        var (store, writer) = try ring.open()
        var random = SeededGenerator(seed: seed)
        var evictions: UInt64 = 0
        for round in 0..<900 {
            if random.next() % 5 == 0 {
                ring.disk.fail(atCall: ring.disk.calls + Int(random.next() % 12), count: 1 + Int(random.next() % 6))
            }
            while (try? ring.append(100, to: store, writer)) == nil { ring.disk.fail(atCall: 0, count: 0) }
            ring.disk.fail(atCall: 0, count: 0)
            if random.next() % 2 == 0 { ring.worker.step() }
            if random.next() % 40 == 0 {
                evictions += store.statistics.evictedSegments
                ring.disk.killProcess()
                (store, writer) = try ring.open()
            }
            guard round % 150 == 149 else { continue }
            let wrong = try ring.complaints(store)
            #expect(wrong.isEmpty, "seed \(seed), round \(round): \(wrong.count), \(wrong.prefix(3))")
            if !wrong.isEmpty { return }
        }
        #expect(evictions > 10)
    }

    /// A few late samples in the ring's oldest part cost the tiers nothing of what they remember.
    @Test func andCostNoHistory() throws {
        func reach(late: Int) throws -> Int64 {
            var ring = FullRing(seed: 77, late: late, segments: 96)
            let (store, writer) = try ring.open()
            for _ in 0..<2400 {
                #expect(try ring.append(200, to: store, writer).isEmpty)
                ring.worker.step()
            }
            let hours = writer.state.tiers[1]
            #expect(hours.isKept)
            return ring.workload.now - max(hours.knownFrom, DenseWorkload.start)
        }
        let without = try reach(late: 0)
        let with = try reach(late: 1)
        print("hours reach back \(without / 3_600_000) h, with late samples \(with / 3_600_000) h")
        #expect(Double(with) > 0.9 * Double(without))
    }
}
