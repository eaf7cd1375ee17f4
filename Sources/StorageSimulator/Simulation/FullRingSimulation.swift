import RingStore

/// The life of a full ring on a simulated disk, drawn from a seed: tiers are sealed and written over, late samples come into
/// hours that give way, devices send what they buffered, and processes end as in `StoreSimulation`. Readings, minutes and
/// hours are compared with what was taken.
package struct FullRingSimulation {
    private var ring: FullRing
    private var random: SplitMix64
    /// When the store's worker does its job.
    private var pace: SplitMix64
    private var report: SimulationReport

    private init(seed: UInt64) {
        random = SplitMix64(seed: seed &* 4)
        pace = SplitMix64(seed: seed &* 4 &+ 1)
        ring = FullRing(
            seed: seed &* 4 &+ 2, late: [0, 1, 5, 30, 150][random.below(5)], gaps: [0, 0, 1, 4][random.below(4)],
            segments: [18, 40, 40, 96][random.below(4)], segmentBytes: 4 << 10)
        report = SimulationReport(seed: seed)
    }

    /// Runs what `seed` stands for: the same on every machine.
    package static func run(seed: UInt64) -> SimulationReport {
        var simulation = FullRingSimulation(seed: seed)
        do {
            var rows = 0
            while rows < 120_000, simulation.report.isPassed { rows += try simulation.liveOnce() }
            if simulation.report.isPassed { try simulation.endInPeace() }
        } catch {
            simulation.complain("\(error)")
        }
        simulation.report.tally.calls += simulation.ring.disk.calls
        return simulation.report
    }

    /// One process. Returns how many rows it took.
    private mutating func liveOnce() throws -> Int {
        report.tally.processes += 1
        var rows = 0
        let disk = ring.disk
        let plan = LifePlan(&random, calls: disk.calls)
        // Long lives between short ones: else nothing would ever be written over.
        let batches = plan.batches * (random.below(3) == 0 ? 1 : 10)
        let stepsInEight = [8, 4, 1][pace.below(3)]
        if random.below(2) == 0 { plan.arm(disk) }
        if let (store, writer) = try open(attempts: plan.toleratesErrors ? 6 : 1, isImmediate: stepsInEight == 8) {
            if random.below(4) == 0 { try judge(store, "after opening") }
            for batch in 0..<batches where !disk.isDown && report.isPassed {
                if random.below(8) == 0 { plan.heal(disk) }
                if batch == batches / 2, random.below(2) == 0 { plan.arm(disk) }
                if pace.below(8) < stepsInEight { ring.worker.step() }
                let count = 1 + random.below(200)
                do {
                    let refused = try ring.append(count, to: store, writer)
                    if let first = refused.first { complain("late, \(refused.count) times: \(first)") }
                    report.tally.batches += 1
                    rows += count
                } catch {
                    if !plan.toleratesErrors, !disk.isDown { complain("a sound disk refused a batch: \(error)") }
                }
            }
            plan.heal(disk)
            if !disk.isDown, random.below(3) == 0 { try judge(store, "while running") }
            if plan.ending == .close, !disk.isDown { try? writer.close() }
        }
        plan.end(disk, &random, &report.tally)
        return rows + 1
    }

    private mutating func open(attempts: Int, isImmediate: Bool) throws -> (store: RingStore, writer: StoreWriter)? {
        do {
            return try LifePlan.open(ring.disk, attempts: attempts) { try ring.open(isImmediate: isImmediate) }
        } catch {
            complain("the store does not open: \(error)")
            return nil
        }
    }

    private mutating func judge(_ store: RingStore, _ moment: String) throws {
        let found = try ring.complaints(store)
        report.tally.judgements += 1
        // A disk that went down meanwhile cannot be read any more.
        guard !ring.disk.isDown else { return }
        if let first = found.first { complain("\(moment): \(found.count) × wrong, such as: \(first)") }
        let statistics = store.statistics
        if statistics.damagedChunks + statistics.damagedFrames > 0 {
            complain("\(moment): took a sound disk for damaged: \(statistics.lastDamage ?? "")")
        }
    }

    private mutating func endInPeace() throws {
        for isLast in [false, true] {
            guard let (store, writer) = try open(attempts: 1, isImmediate: true) else { return }
            _ = try ring.append(50, to: store, writer)
            try judge(store, isLast ? "after a restart at the end" : "at the end")
            try writer.close()
            ring.disk.killProcess()
        }
        if let first = try StoreInspection.verify(ring.disk.directory).damage.first {
            complain("verify calls a sound disk damaged: \(first)")
        }
        if let geometry = ring.options.geometry, ring.disk.mostUsedBytes > geometry.totalBytes {
            complain("the files took \(ring.disk.mostUsedBytes) bytes of \(geometry.totalBytes)")
        }
    }

    private mutating func complain(_ what: String) { report.complaints.append("full ring, \(what)") }
}
