import Glibc
import Readings
import RingStore

extension PlannedMessage {
    /// The same of devices of another household.
    fileprivate func moved(to household: String) -> PlannedMessage {
        var message = self
        for row in message.rows.indices {
            for sample in message.rows[row].samples.indices {
                let labels = message.rows[row].samples[sample].labels
                message.rows[row].samples[sample].labels = labels.setting(LabelName.household, to: household)
            }
        }
        return message
    }
}

/// The life of a store on a simulated disk, drawn from a seed: several processes one after the other, each with a fault
/// of its own and an end of its own, judged by a plain dictionary.
///
/// Where the sweeps of the tests look at what one interruption leaves at every call of one run, this looks at what faults
/// do to each other: a power cut during the recovery from a kill, a failed sync before a power cut, a full ring between.
package struct StoreSimulation {
    private var options: StoreOptions
    private let disk: SimulatedDisk
    private var random: SplitMix64
    /// When the store's worker does its job.
    private var pace: SplitMix64
    private var worker = SteppedWorker(isImmediate: true)
    private var workload: Workload
    private var judge = Judge()
    private var report: SimulationReport
    /// What the broker will send again.
    private var unacknowledged: [PlannedMessage]?
    /// Of a ring that has turned only the newest batches are there for sure.
    private var hasEvicted = false
    private static let surelyHeld = 4
    private static let logBlock = 4096

    private init(seed: UInt64) {
        // Streams of their own, so that a longer run of the one does not change the other.
        random = SplitMix64(seed: seed &* 4)
        workload = Workload(seed: seed &* 4 &+ 1, devices: 1 + random.below(6))
        disk = SimulatedDisk(seed: seed &* 4 &+ 2)
        pace = SplitMix64(seed: seed &* 4 &+ 3)
        options = .tiny(segments: [6, 6, 8, 64][random.below(4)])
        report = SimulationReport(seed: seed)
        hasEvicted = (options.geometry?.segmentCount ?? 0) < 10
    }

    /// Runs what `seed` stands for: the same on every machine.
    package static func run(seed: UInt64) -> SimulationReport {
        var simulation = StoreSimulation(seed: seed)
        do {
            let processes = 2 + simulation.random.below(6)
            for _ in 0..<processes where simulation.report.isPassed { try simulation.liveOnce() }
            if simulation.report.isPassed { try simulation.endInPeace() }
        } catch {
            simulation.complain("\(error)")
        }
        return simulation.report
    }

    // MARK: - One process

    /// Opens what the last process left, judges it, takes in what comes until the fault or the end, and ends.
    private mutating func liveOnce() throws {
        verify("before opening")
        report.tally.processes += 1
        let plan = LifePlan(&random, calls: disk.calls)
        // A segment may be made at once, or while some, or many, batches come.
        let stepsInEight = [8, 4, 1][pace.below(3)]
        hire(isImmediate: stepsInEight == 8)
        plan.arm(disk)
        if let (store, writer) = try open(attempts: plan.toleratesErrors ? 6 : 1) {
            try judgeNow(store, writer, "after opening")
            for _ in 0..<plan.batches where !disk.isDown && report.isPassed {
                if random.below(8) == 0 { plan.heal(disk) }
                if pace.below(8) < stepsInEight { worker.step() }
                takeIn(writer, plan)
                if random.below(12) == 0, !disk.isDown { try judgeNow(store, writer, "while running") }
            }
            if plan.ending == .close, !disk.isDown { try? writer.close() }
        }
        plan.end(disk, &random, &report.tally)
    }

    private mutating func hire(isImmediate: Bool) {
        let worker = SteppedWorker(isImmediate: isImmediate)
        self.worker = worker
        options.sealingWorker = { worker }
    }

    private mutating func open(attempts: Int) throws -> (store: RingStore, writer: StoreWriter)? {
        do {
            return try LifePlan.open(disk, attempts: attempts) {
                try RingStore.open(directory: disk.directory, options: options)
            }
        } catch {
            complain("the store does not open: \(error)")
            return nil
        }
    }

    /// Appends what the broker has not been acknowledged yet, this process or the one before, or else a new batch.
    private mutating func takeIn(_ writer: StoreWriter, _ plan: LifePlan) {
        let messages = unacknowledged ?? workload.batch(messages: 1 + random.below(40))
        unacknowledged = messages
        judge.hand(messages)
        let attempts = plan.toleratesErrors ? 1 + random.below(4) : 1
        for _ in 0..<attempts where !disk.isDown {
            let floor = writer.floor
            do {
                _ = try writer.append(writer.batch(messages))
                let least = max(floor, writer.floor)
                judge.acknowledge(messages) { _, time in time < least }
                hasEvicted = hasEvicted || writer.floor > .min
                report.tally.batches += 1
                unacknowledged = nil
                return
            } catch {
                if !plan.toleratesErrors, !disk.isDown { complain("a sound disk refused a batch: \(error)") }
            }
        }
    }

    private mutating func judgeNow(_ store: RingStore, _ writer: StoreWriter?, _ moment: String) throws {
        hasEvicted = hasEvicted || (writer?.floor ?? .min) > .min || store.statistics.evictedSegments > 0
        let (judge, hasEvicted) = (self.judge, self.hasEvicted)
        let found = try judge.complaints(store, writer) { labels, time in
            hasEvicted && judge.isOlder(labels, time, than: StoreSimulation.surelyHeld)
        }
        report.tally.judgements += 1
        // A disk that went down meanwhile cannot be read any more: what is missing then is no fault of the store's.
        guard !disk.isDown else { return }
        if let first = found.first { complain("\(moment): \(found.count) × wrong, such as: \(first)") }
        // Of what the ring has written over a tier knows more than the readings that are left.
        let wrong = hasEvicted ? nil : try AggregateJudge.complaint(store.snapshot(), &random)
        guard !disk.isDown else { return }
        if let wrong { complain("\(moment): \(wrong)") }
        let statistics = store.statistics
        // The last copy of a new store's superblock may be torn; nothing tells that from damage.
        if statistics.damagedChunks + statistics.damagedFrames > 0, judge.acknowledgements > 0 {
            complain("\(moment): took a sound disk for damaged: \(statistics.lastDamage ?? "")")
        }
    }

    /// Whatever a crash leaves of a store is no damage. What it leaves of one that was just being made is no store.
    private mutating func verify(_ moment: String) {
        do throws(InspectionError) {
            let inspection = try StoreInspection.verify(disk.directory)
            // The last copy of a new store's superblock may be torn; it is not in use yet.
            if judge.acknowledgements == 0 { return }
            if let first = inspection.damage.first {
                complain("\(moment): verify calls a sound disk damaged: \(first)")
            }
        } catch {
            switch error {
            case .noStore: break
            case .superblockLost where judge.acknowledgements == 0: break
            default: complain("\(moment): \(error)")
            }
        }
    }

    // MARK: - The end

    /// Without a fault everything must be there; on rotten bytes nothing may crash.
    private mutating func endInPeace() throws {
        hire(isImmediate: true)
        guard let (store, writer) = try open(attempts: 1) else { return }
        try judgeNow(store, writer, "at the end")
        if let geometry = options.geometry, disk.mostUsedBytes > geometry.totalBytes {
            complain("the files took \(disk.mostUsedBytes) bytes of \(geometry.totalBytes)")
        }
        verify("at the end")
        report.tally.calls += disk.calls
        let rotten = disk.fork()
        rotten.restart()
        for _ in 0..<(1 + random.below(4)) {
            let name = rotten.fileNames[random.below(rotten.fileNames.count)]
            let place = random.next()
            let bit = UInt8(1) << UInt8(random.below(8))
            rotten.corrupt(name) { $0[Int(place % UInt64($0.count))] ^= bit }
        }
        report.tally.flips += 1
        if let (damaged, again) = try? RingStore.open(directory: rotten.directory, options: options) {
            _ = try judge.complaints(damaged, again)
            _ = try again.append(again.batch(workload.batch(messages: 5)))
        }
        try outliveBlocksInWrongPlaces()
        try outliveALostCatalogue()
    }

    /// Two blocks of the log have changed places: the store opens, goes on, and what it tells was once acknowledged.
    private mutating func outliveBlocksInWrongPlaces() throws {
        let rotten = disk.fork()
        rotten.restart()
        let blocks = rotten.content("log").count / StoreSimulation.logBlock
        let (a, b) = (random.below(blocks), random.below(blocks))
        rotten.corrupt("log") { bytes in
            guard a != b else { return }
            for index in 0..<StoreSimulation.logBlock {
                bytes.swapAt(a * StoreSimulation.logBlock + index, b * StoreSimulation.logBlock + index)
            }
        }
        // A correction that is lost lets what it corrected show.
        try outlive(rotten, "blocks \(a) and \(b) of the log changed places", household: "home") {
            $0.contains("missing") || $0.contains("expected")
        }
    }

    /// The catalogue is gone, and new series come: they get nothing of what the lost ones had.
    private mutating func outliveALostCatalogue() throws {
        let rotten = disk.fork()
        rotten.restart()
        rotten.remove("catalogue")
        // The log may know the newest series, and the checkpoint how many there were; or not.
        if random.below(4) == 0 { rotten.remove("log") }
        try outlive(rotten, "the catalogue was lost", household: "neighbour") { $0.contains("missing") }
    }

    private mutating func outlive(
        _ rotten: SimulatedDisk, _ what: String, household: String, mayBe: (String) -> Bool
    ) throws {
        var judge = judge
        for life in 0..<2 where report.isPassed {
            do {
                let (store, writer) = try RingStore.open(directory: rotten.directory, options: options)
                let messages = workload.batch(messages: 30).map { $0.moved(to: household) }
                judge.hand(messages)
                let floor = writer.floor
                _ = try writer.append(writer.batch(messages))
                let least = max(floor, writer.floor)
                judge.acknowledge(messages) { _, time in time < least }
                let wrong = try judge.complaints(store, nil).filter { !mayBe($0) }
                if let first = wrong.first {
                    complain("\(what), life \(life): \(wrong.count) × wrong, such as: \(first)")
                }
            } catch {
                complain("\(what), life \(life): \(error)")
            }
            rotten.restart()
        }
    }

    private mutating func complain(_ what: String) {
        report.complaints.append(what)
    }
}
