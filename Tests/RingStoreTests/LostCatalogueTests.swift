import Readings
import TestSupport
import Testing

@testable import RingStore
@testable import StorageSimulator

@Suite struct ALostCatalogueHandsNoReadingsToOthers {
    enum Loss: CaseIterable {
        case file, onlyPage, lastPage
        /// With every frame of the log: no checkpoint tells how many numbers were given.
        case fileAndLog
    }

    /// The readings of these series lie in segments of readings and of tiers.
    private func fill(
        _ disk: SimulatedDisk, _ loss: Loss, isClosed: Bool, _ options: StoreOptions = .tiny()
    ) throws {
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var refs: [SeriesRef] = []
        // Two pages of 8 KiB, records of some 15 bytes: the second page is begun.
        let series = loss == .lastPage ? 700 : 20
        for index in 0..<series {
            let labels: Labels = ["__name__": "m", "device": "old/\(index)", "household": "home"]
            let descriptor = SeriesDescriptor(labels: labels, unit: "Cel")
            if case .series(let ref) = writer.register(descriptor) { refs.append(ref) }
        }
        #expect(refs.count == series)
        var time: Int64 = 0
        var batch = Batch()
        while store.statistics.sealedSegments < 6 {
            batch.removeAll()
            batch.beginMessage()
            time += 1000
            for ref in refs.suffix(20) {
                batch.beginRow(at: Timestamp(milliseconds: time))
                batch.add(ref, Double(Int(ref.index) * 1000 + Int(time % 977)))
            }
            // A shape, too.
            batch.beginRow(at: Timestamp(milliseconds: time + 1))
            for ref in refs.suffix(5) { batch.add(ref, Double(time) / 3) }
            _ = try writer.append(batch)
        }
        if isClosed { try writer.close() }
    }

    private func damage(_ disk: SimulatedDisk, _ loss: Loss) {
        let page = CataloguePage.size
        func flip(_ number: Int) {
            disk.corrupt("catalogue") { bytes in
                for copy in [0, bytes.count / 2] { bytes[copy + number * page + 100] ^= 1 }
            }
        }
        switch loss {
        case .file: disk.remove("catalogue")
        case .onlyPage: flip(0)
        case .lastPage: flip(1)
        case .fileAndLog:
            disk.remove("catalogue")
            disk.remove("log")
        }
    }

    @Test(arguments: Loss.allCases, [false, true]) func whateverIsLost(loss: Loss, isClosed: Bool) throws {
        let disk = SimulatedDisk(seed: 41)
        try fill(disk, loss, isClosed: isClosed)
        disk.restart()
        damage(disk, loss)
        var judge = Judge()
        var life = 0
        var evictedAll = false
        while !evictedAll {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny(segments: 64))
            let what = "\(loss), life \(life)"
            if life > 0 { #expect(try judge.complaints(store, nil).isEmpty, "\(what)") }
            #expect(store.statistics.damagedFrames > 0, "\(what): not reported")
            if life > 0 {
                #expect(store.statistics.lastDamage?.contains("has no name") == true, "\(what)")
                #expect(store.statistics.lastDamage?.contains("1970-01-01T00:") == true, "\(what)")
            }
            // As many new ones as there were old ones, and a shape of them.
            var messages: [PlannedMessage] = []
            let time = Int64(10_000_000 + 1000 * life)
            for device in 0..<20 {
                let labels: Labels = ["__name__": "m", "device": "spy/\(life)/\(device)", "household": "neighbour"]
                messages.append(PlannedMessage(rows: [(time, [PlannedSample(labels: labels, value: 0.5)])]))
            }
            messages.append(PlannedMessage(rows: [(time + 1, messages.flatMap { $0.rows[0].samples })]))
            judge.hand(messages)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
            let mine = try foreign(store, judge)
            #expect(mine.isEmpty, "\(what): \(mine.prefix(3))")
            life += 1
            if life == 3 { evictedAll = true }
            if life == 2 { try writer.close() } else { disk.restart() }
        }
    }

    /// Everything in the household of the new series that is not theirs.
    private func foreign(_ store: RingStore, _ judge: Judge) throws -> [String] {
        let snapshot = store.snapshot()
        return try snapshot.series(matching: [LabelMatcher("household", equals: "neighbour")]).flatMap { ref in
            let labels = try #require(snapshot.descriptor(of: ref)?.labels)
            var found = try snapshot.samples(ref).map { ($0.time.milliseconds, $0.value) }
                .filter { judge.acknowledged[labels]?[$0.0] != $0.1.bitPattern }.map { "\(labels) has \($0)" }
            try snapshot.aggregates(of: ref, in: .all, step: 60_000) { run in
                for index in run.indices where run[index].count > 2 { found.append("\(labels) has \(run[index])") }
                return true
            }
            return found
        }
    }

    /// It is forgotten with the last reading that has no name.
    @Test func untilTheRingHasTurned() throws {
        let disk = SimulatedDisk(seed: 42)
        // Too small for tiers, which keep what they know far longer.
        let options = StoreOptions.tiny(segments: 8)
        try fill(disk, .file, isClosed: true, options)
        damage(disk, .file)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        #expect(store.damage().contains { $0.kind == .labels && $0.count == 20 && $0.range != nil })
        var workload = Workload(seed: 42)
        while store.statistics.evictedSegments < 8 { _ = try writer.append(writer.batch(workload.batch(messages: 40))) }
        try writer.close()
        let (again, _) = try RingStore.open(directory: disk.directory, options: options)
        #expect(again.statistics.damagedFrames == 0, "\(again.statistics.lastDamage ?? "")")
    }
}
