import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct DamageIsNamedOnceAndFoundAgain {
    /// A store with several segments, closed.
    private func fill(_ disk: SimulatedDisk) throws -> Workload {
        var workload = Workload(seed: 91)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        while store.statistics.sealedSegments < 6 {
            _ = try writer.append(writer.batch(workload.batch(messages: 40)))
        }
        try writer.close()
        return workload
    }

    private func firstChunk(_ store: RingStore) throws -> (place: Int, chunk: SegmentIndex.Entry, entry: SegmentEntry) {
        let entry = try #require(store.snapshot().state.segments.first)
        let chunk = try #require(
            store.shared.pool.index(of: entry)?.entries.first { $0.rows > 8 && $0.key.kind == .shape })
        return (Int(store.shared.pool.offset(of: entry.slot)) + Int(chunk.offset) + 60, chunk, entry)
    }

    /// The search in the background finds it without anybody asking; it names series and time, and is about no others.
    @Test func aChunkByTheSearch() throws {
        let disk = SimulatedDisk(seed: 91)
        _ = try fill(disk)
        let (before, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        let (place, chunk, entry) = try firstChunk(before)
        disk.restart()
        disk.corrupt("pool") { $0[place] ^= 1 }
        for life in 0..<2 {
            let (store, _) = try RingStore.open(directory: disk.directory, options: .tiny())
            var sequence: UInt64 = 0
            var checked = 0
            while let next = store.checkSegment(after: sequence) {
                #expect(next > sequence)
                sequence = next
                checked += 1
            }
            #expect(checked == store.snapshot().state.allSegments.count)
            let found = store.damage()
            #expect(found.count == 1, "life \(life): \(found)")
            let damage = try #require(found.first)
            let columns = try #require(store.snapshot().state.catalogue.columns(of: chunk.key))
            #expect(damage.kind == .chunk && damage.count == 1 && damage.file == "pool" && damage.isLoss)
            #expect(damage.series.count == columns.count && damage.what.contains("segment \(entry.sequence)"))
            #expect(damage.range?.lowerBound.milliseconds == chunk.firstTime)
            #expect(store.damage(after: damage.number).isEmpty)
            // Seen again it is the same.
            _ = store.checkSegment(after: entry.sequence - 1)
            #expect(store.damage().count == 1 && store.statistics.damagedChunks == 1)
            for ref in store.snapshot().series(matching: []) {
                let about = store.snapshot().damage(of: ref, in: .all)
                #expect(about.count == (columns.contains(ref.index) ? 1 : 0))
                let later = Timestamp(milliseconds: chunk.lastTime + 1)...Timestamp(milliseconds: .max)
                #expect(store.snapshot().damage(of: ref, in: later).isEmpty)
            }
            disk.restart()
        }
    }

    /// What was written over is damaged no more.
    @Test func untilTheRingHasTurned() throws {
        let disk = SimulatedDisk(seed: 92)
        var workload = try fill(disk)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        let (place, _, _) = try firstChunk(store)
        disk.corrupt("pool") { $0[place] ^= 1 }
        while let next = store.checkSegment(after: 0), store.damage().isEmpty { #expect(next > 0) }
        while !store.damage().isEmpty, store.statistics.evictedSegments < 100 {
            _ = try writer.append(writer.batch(workload.batch(messages: 40)))
        }
        #expect(store.statistics.evictedSegments < 100 && store.statistics.damagedChunks == 1)
    }

    @Test(arguments: [
        ("super", StoreDamage.Kind.superblock, false), ("pool", .segment, true), ("index", .segmentIndex, false),
        ("header", .segment, false), ("missing", .file, true),
    ]) func everyKindByItsName(what: String, kind: StoreDamage.Kind, isLoss: Bool) throws {
        let disk = SimulatedDisk(seed: 94)
        _ = try fill(disk)
        let (before, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        let entry = try #require(before.snapshot().state.segments.first)
        let pool = before.shared.pool
        let start = Int(pool.offset(of: entry.slot))
        let end = start + Int(pool.segmentBytes)
        disk.restart()
        switch what {
        case "super": disk.corrupt("super") { for slot in [1, 2] { $0[slot * Superblock.slotBytes + 30] ^= 1 } }
        case "pool":
            disk.corrupt("pool") { bytes in for place in [start + 20, end - 100] { bytes[place] ^= 1 } }
        case "header": disk.corrupt("pool") { $0[start + 20] ^= 1 }
        case "index": disk.corrupt("pool") { $0[start + Int(entry.indexOffset) + 3] ^= 1 }
        case "missing": disk.remove("pool")
        default: break
        }
        let (store, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        var sequence: UInt64 = 0
        while let next = store.checkSegment(after: sequence) { sequence = next }
        let found = store.damage()
        let damage = try #require(found.first { $0.kind == kind })
        #expect(damage.isLoss == isLoss, "\(damage)")
        #expect(damage.count == (what == "super" ? 2 : 1))
        #expect(what == "missing" || found.count == 1, "\(found)")
    }

    /// A chunk of a tier that a disk has put into a segment of readings, whose index is damaged, too, is not taken for readings.
    @Test func chunksOfOtherSegments() throws {
        let disk = SimulatedDisk(seed: 95)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var refs: [SeriesRef] = []
        for index in 0..<6 {
            let labels: Labels = ["__name__": "m", "device": "d\(index)", "household": "home"]
            if case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) { refs.append(ref) }
        }
        var expected: [Int64: Double] = [:]
        var random = SeededGenerator(seed: 95)
        var time: Int64 = 0
        var batch = Batch()
        while store.snapshot().state.tiers.allSatisfy(\.segments.isEmpty) {
            batch.removeAll()
            batch.beginMessage()
            for ref in refs {
                time += 500
                let value = Double(random.next() % 100_000) / 8
                batch.beginRow(at: Timestamp(milliseconds: time))
                batch.add(ref, value)
                expected[time] = value
            }
            _ = try writer.append(batch)
        }
        try writer.close()
        let pool = store.shared.pool
        let tier = try #require(store.snapshot().state.tiers.flatMap(\.segments).first)
        let record = try #require(pool.index(of: tier)?.entries.first)
        let bytes = try #require(pool.chunk(record, of: tier))
        let raw = try #require(
            store.snapshot().state.segments.first {
                $0.firstTime <= record.firstTime && $0.lastTime >= record.lastTime
                    && Int($0.indexOffset) > SegmentEntry.headerBytes + bytes.count
            } ?? store.snapshot().state.segments.first { Int($0.indexOffset) > SegmentEntry.headerBytes + bytes.count })
        let start = Int(pool.offset(of: raw.slot))
        disk.restart()
        disk.corrupt("pool") { content in
            content.replaceSubrange((start + 128)..<(start + 128 + bytes.count), with: bytes)
            content[start + Int(raw.indexOffset) + 3] ^= 1
        }
        let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(again.shared.pool.index(of: raw)?.entries.contains { $0.offset == 128 } == false)
        var read = 0
        for ref in refs {
            for sample in try again.snapshot().samples(ref) {
                #expect(expected[sample.time.milliseconds] == sample.value)
                read += 1
            }
        }
        #expect(read > expected.count / 2)
        #expect(again.damage().contains { $0.kind == .segmentIndex })
    }
}
