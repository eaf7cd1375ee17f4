import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AcknowledgedReadingsSurviveAPowerCut {
    /// What is sent, made once for all cuts.
    private struct Plan {
        var seed: UInt64
        var batches: [[PlannedMessage]]
        var after: [[PlannedMessage]]
        var segments: UInt32
        /// A job of sealing is done after so many batches; 0: at once.
        var batchesAJob: Int

        init(seed: UInt64, batches count: Int, segments: UInt32, batchesAJob: Int = 0) {
            self.seed = seed
            self.segments = segments
            self.batchesAJob = batchesAJob
            var workload = Workload(seed: seed)
            var random = SeededGenerator(seed: seed &+ 1)
            batches = (0..<count).map { _ in workload.batch(messages: 1 + Int(random.next() % 40)) }
            after = (0..<4).map { _ in workload.batch(messages: 8) }
        }

        var options: StoreOptions { .tiny(segments: segments) }
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
            for messages in plan.after[(round * 2)..<(round * 2 + 2)] { try append(messages, writer, &judge) }
            disk.restart()
        }
    }

    /// Runs the plan, and looks at what a power cut at each call would have left.
    private func sweep(_ plan: Plan) throws {
        let disk = SimulatedDisk(seed: plan.seed)
        disk.recordInterruptions()
        var cuts = 0
        func checkCuts(_ judge: Judge, created: Bool) throws {
            for (call, disk) in disk.takeInterruptions() {
                try check(disk, plan, judge, cut: call, created: created)
                cuts += 1
            }
        }
        var judge = Judge()
        let worker = SteppedWorker(isImmediate: plan.batchesAJob == 0)
        var options = plan.options
        options.sealingWorker = { worker }
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        try checkCuts(judge, created: false)
        for (number, messages) in plan.batches.enumerated() {
            if plan.batchesAJob > 0, number % plan.batchesAJob == 0, worker.step() {
                try checkCuts(judge, created: true)
            }
            judge.hand(messages)
            let before = judge
            try append(messages, writer, &judge)
            try checkCuts(before, created: true)
        }
        try writer.close()
        try checkCuts(judge, created: true)
        #expect(store.statistics.sealedSegments > 2, "the run must reach sealing")
        if plan.segments < 10 { #expect(store.statistics.evictedSegments > 2, "the ring must turn") }
        print("power cut at each of \(cuts) calls, seed \(plan.seed), \(plan.segments) segments")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func atEveryCall(seed: UInt64) throws {
        try sweep(Plan(seed: seed, batches: 50, segments: 64))
    }

    @Test(arguments: [5] as [UInt64])
    func atEveryCallWhileTheRingTurns(seed: UInt64) throws {
        try sweep(Plan(seed: seed, batches: 80, segments: 6))
    }

    /// Batches come between the moment from which a segment is made and that at which it counts; the power goes at each
    /// call of theirs, of the segment's, and of the checkpoint's.
    @Test(arguments: [(3, 64, 3), (4, 6, 2)] as [(UInt64, UInt32, Int)])
    func atEveryCallWhileASegmentIsMade(seed: UInt64, segments: UInt32, batchesAJob: Int) throws {
        try sweep(Plan(seed: seed, batches: 60, segments: segments, batchesAJob: batchesAJob))
    }

    /// `kill -9` at every call: the kernel still knows what was written and not synced, and shows it to the next process.
    /// What that one acknowledges as a duplicate must survive the power cut that follows.
    @Test(arguments: [7, 8] as [UInt64])
    func afterTheProcessWasKilled(seed: UInt64) throws {
        let plan = Plan(seed: seed, batches: 25, segments: 64)
        let disk = SimulatedDisk(seed: seed)
        disk.recordInterruptions()
        var judge = Judge()
        let (_, writer) = try RingStore.open(directory: disk.directory, options: plan.options)
        _ = disk.takeInterruptions()
        var kills = 0
        for messages in plan.batches {
            let before = judge
            try append(messages, writer, &judge)
            for (call, disk) in disk.takeInterruptions(killedOnly: true) {
                kills += 1
                let what = "seed \(seed), killed at call \(call)"
                var judge = before
                let (_, writer) = try RingStore.open(directory: disk.directory, options: plan.options)
                try append(messages, writer, &judge)
                disk.restart()
                let (store, again) = try RingStore.open(directory: disk.directory, options: plan.options)
                let complaints = try judge.complaints(store, again)
                #expect(complaints.isEmpty, "\(what): \(complaints.prefix(3))")
                #expect(store.statistics.damagedFrames == 0, "\(what): \(store.statistics.lastDamage ?? "")")
            }
        }
        print("killed at each of \(kills) calls, seed \(seed)")
    }
}
