import Readings
import StorageSimulator
import Testing
import TestSupport

@testable import RingStore

@Suite struct acknowledgedReadingsSurviveAPowerCut {
    /// What is sent, made once for all cuts.
    private struct Plan {
        var seed: UInt64
        var batches: [[PlannedMessage]]
        var after: [[PlannedMessage]]
        var segments: UInt32

        init(seed: UInt64, batches count: Int, segments: UInt32) {
            self.seed = seed
            self.segments = segments
            var workload = Workload(seed: seed)
            var random = SeededGenerator(seed: seed &+ 1)
            batches = (0..<count).map { _ in workload.batch(messages: 1 + Int(random.next() % 40)) }
            after = (0..<6).map { _ in workload.batch(messages: 15) }
        }

        var options: StoreOptions { .tiny(segments: segments) }
    }

    /// Runs until the power goes or the work is done. Returns whether the store had been made.
    private func work(_ disk: SimulatedDisk, _ plan: Plan, _ judge: inout Judge) -> Bool {
        guard let (_, writer) = try? RingStore.open(directory: disk.directory, options: plan.options) else { return false }
        for messages in plan.batches {
            guard (try? append(messages, writer, &judge)) != nil else { return true }
        }
        try? writer.close()
        return true
    }

    private func append(_ messages: [PlannedMessage], _ writer: StoreWriter, _ judge: inout Judge) throws {
        judge.hand(messages)
        let floor = writer.state.floor
        _ = try writer.append(writer.batch(messages))
        let ceiling = writer.state.floor
        judge.acknowledge(messages) { _, time in time < max(floor, ceiling) }
    }

    /// Opens what the cut left, looks at everything, goes on, cuts again, and looks again.
    private func check(_ disk: SimulatedDisk, _ plan: Plan, _ judge: Judge, cut: Int, created: Bool) throws {
        var judge = judge
        let what = "seed \(plan.seed), \(plan.segments) segments, power cut at call \(cut)"
        for round in 0..<2 {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: plan.options)
            // With a pool of five segments of 4 KiB a batch of the last four is there for sure.
            let mayMiss = { (labels, time) in plan.segments < 10 && judge.isOlder(labels, time, than: 4) }
            let complaints = try judge.complaints(store, writer, mayMiss: mayMiss)
            #expect(complaints.isEmpty, "\(what), round \(round): \(complaints.prefix(3))")
            if created {
                #expect(store.statistics.damagedFrames == 0, "\(what): \(store.statistics.lastDamage ?? "")")
            }
            #expect(store.statistics.damagedChunks == 0, "\(what): \(store.statistics.lastDamage ?? "")")
            for messages in plan.after[(round * 3)..<(round * 3 + 3)] { try append(messages, writer, &judge) }
            disk.restart()
        }
    }

    private func sweep(_ plan: Plan) throws {
        let whole = SimulatedDisk(seed: plan.seed)
        var untouched = Judge()
        _ = work(whole, plan, &untouched)
        let (store, _) = try RingStore.open(directory: whole.directory, options: plan.options)
        #expect(store.statistics.poolSegmentsUsed > 2, "the run must reach sealing")
        if plan.segments < 10 { #expect(store.snapshot().state.segments.first?.sequence ?? 0 > 1) }
        for cut in 0..<whole.calls {
            let disk = SimulatedDisk(seed: plan.seed &+ UInt64(cut) << 8)
            disk.cutPower(atCall: cut)
            var judge = Judge()
            let created = work(disk, plan, &judge)
            disk.restart()
            try check(disk, plan, judge, cut: cut, created: created)
        }
        print("power cut at each of \(whole.calls) calls, seed \(plan.seed), \(plan.segments) segments")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func atEveryCall(seed: UInt64) throws {
        try sweep(Plan(seed: seed, batches: 50, segments: 64))
    }

    @Test(arguments: [5, 6] as [UInt64])
    func atEveryCallWhileTheRingTurns(seed: UInt64) throws {
        try sweep(Plan(seed: seed, batches: 80, segments: 6))
    }
}
