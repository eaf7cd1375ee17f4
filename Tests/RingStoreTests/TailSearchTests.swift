import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AfterARestartEverySeriesEndsWhereItEnded {
    /// The end of a series from all that may hold a sample of it.
    private func expected(_ store: RingStore, _ series: UInt32) -> SeriesTail {
        let state = store.snapshot().state
        var decoder: ChunkDecoder?
        let sources = state.sources(of: series, in: .min ... .max, pool: store.shared.pool)
        return SeriesTail(sources: sources, pool: store.shared.pool, decoder: &decoder)
    }

    private func check(_ store: RingStore, _ what: String) {
        let state = store.snapshot().state
        for series in state.catalogue.series.indices {
            let expected = expected(store, UInt32(series))
            let tail = state.tails[series]
            #expect(tail.through == expected.through, "\(what), series \(series)")
            #expect(tail.last?.time == expected.last?.time, "\(what), series \(series)")
            #expect(tail.last?.value.bitPattern == expected.last?.value.bitPattern, "\(what), series \(series)")
        }
    }

    /// Series that fall silent, late corrections of the newest sample, and ends in the head, in its chunks, and in segments.
    @Test(arguments: Array(71...76) as [UInt64]) func whereverItsEndIs(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        var random = SeededGenerator(seed: seed)
        var workload = Workload(seed: seed)
        var opened = try RingStore.open(directory: disk.directory, options: .tiny())
        for round in 0..<24 {
            var messages: [PlannedMessage] = []
            while messages.count < 25 {
                // Devices fall silent one after the other.
                for message in workload.batch(messages: 30) {
                    let device = message.rows.first?.samples.first?.labels.device ?? ""
                    if !(0..<(round / 8)).contains(where: { device.hasSuffix("\($0)") }) { messages.append(message) }
                }
            }
            _ = try opened.writer.append(opened.writer.batch(messages))
            // The newest sample of one series corrected, sometimes just before it is sealed.
            let state = opened.writer.state
            let series = Int(random.next() % UInt64(max(1, state.tails.count)))
            if series < state.tails.count, let last = state.tails[series].last {
                var batch = Batch()
                batch.beginRow(at: last.time)
                batch.add(SeriesRef(index: UInt32(series)), Double(round))
                _ = try opened.writer.append(batch)
            }
            if round % 3 == 2 {
                disk.restart()
                opened = try RingStore.open(directory: disk.directory, options: .tiny())
                check(opened.store, "seed \(seed), round \(round)")
            }
        }
        #expect(opened.store.statistics.poolSegmentsUsed > 1)
        print("tails after restarts, seed \(seed)")
    }

    /// The chunk that holds the end of a series is damaged: the sample before shows, and the instant stays taken.
    @Test func whenItsLastChunkIsDamaged() throws {
        let disk = SimulatedDisk(seed: 1)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        guard case .series(let ref) = writer.register(SeriesDescriptor(labels: ["__name__": "m"], unit: nil)),
            case .series(let other) = writer.register(SeriesDescriptor(labels: ["__name__": "n"], unit: nil))
        else { return }
        var random = SeededGenerator(seed: 1)
        var time: Int64 = 0
        while store.statistics.sealedSegments < 3 {
            var batch = Batch()
            time += 1000
            batch.beginRow(at: Timestamp(milliseconds: time))
            // Falls silent in the second segment.
            let isSilent = store.statistics.sealedSegments > 1 || time % 500_000 > 400_000
            batch.add(isSilent ? other : ref, Double(bitPattern: random.next() >> 2))
            _ = try writer.append(batch)
        }
        try writer.close()
        let state = store.snapshot().state
        let through = state.tails[Int(ref.index)].through
        var place: (entry: SegmentEntry, chunk: SegmentIndex.Entry)?
        for entry in state.segments {
            for chunk in store.shared.pool.index(of: entry)?.entries(of: .single(ref.index)) ?? []
            where chunk.lastTime == through { place = (entry, chunk) }
        }
        let (entry, chunk) = try #require(place)
        disk.restart()
        disk.corrupt("pool") { $0[Int(store.shared.pool.offset(of: entry.slot)) + Int(chunk.offset) + 60] ^= 1 }
        let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        check(again, "damaged")
        #expect(again.snapshot().state.tails[Int(ref.index)].through == through)
        #expect(try again.snapshot().samples(ref).last == again.snapshot().lastSample(of: ref))
        #expect(again.statistics.damagedChunks == 1)
    }
}
