import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct ColumnsAreTheSamplesApart {
    /// Readings in order and late ones, in segments and in memory, in any range.
    @Test(arguments: [61, 62] as [UInt64]) func inAnyRange(seed: UInt64) throws {
        let snapshot = try Workload.snapshot(seed: seed)
        var random = SeededGenerator(seed: seed)
        for ref in snapshot.series(matching: []) {
            let all = try snapshot.samples(ref)
            for _ in 0..<20 {
                let ends = [0, 1].map { _ in all[Int(random.next() % UInt64(all.count))].time }.sorted()
                let expected = all.filter { (ends[0]...ends[1]).contains($0.time) }
                var times: [Timestamp] = []
                var values: [UInt64] = []
                try snapshot.scanColumns(ref, in: ends[0]...ends[1]) { someTimes, someValues in
                    #expect(someTimes.count == someValues.count && someTimes.count > 0)
                    for row in someTimes.indices { times.append(someTimes[row]) }
                    for row in someValues.indices { values.append(someValues[row].bitPattern) }
                    return true
                }
                #expect(times == expected.map(\.time), "seed \(seed)")
                #expect(values == expected.map(\.value.bitPattern), "seed \(seed)")
            }
            var runs = 0
            try snapshot.scanColumns(ref, in: .all) { _, _ in
                runs += 1
                return false
            }
            #expect(runs == 1)
        }
    }
}

@Suite struct ChunksThatWereReadAreKept {
    private func chunk(bytes: Int) throws -> KnownChunk {
        var out = ByteWriter(capacity: 1024)
        var hints = ChunkHints()
        [Int64](1...4).withUnsafeBufferPointer { times in
            [1.0, 2, 3, 4].withUnsafeBufferPointer { values in
                ChunkEncoder(effort: .fast).append(
                    key: .single(1), times: times, columns: 1, hints: &hints, column: { _ in values }, to: &out)
            }
        }
        return KnownChunk(
            head: try ChunkHead(out.bytes, try Chunk.header(out.bytes)), bytes: [UInt8](repeating: 0, count: bytes))
    }

    private func key(_ segment: UInt64, _ offset: UInt32 = 0, crc: UInt32 = 0) -> ChunkCache.Key {
        ChunkCache.Key(segment: segment, indexCRC: crc, offset: offset)
    }

    @Test func withinTheBudgetAndThoseUsedLast() throws {
        let chunk = try chunk(bytes: 1000)
        let cache = ChunkCache(budget: 8 * chunk.memoryBytes)
        for segment in 1...8 as ClosedRange<UInt64> { cache.keep(chunk, as: key(segment)) }
        #expect(cache.memoryBytes == 8 * chunk.memoryBytes)
        #expect(cache.find(key(1)) != nil)
        cache.keep(chunk, as: key(9))
        #expect(cache.find(key(1)) != nil)
        #expect(cache.find(key(2)) == nil)
        #expect(cache.memoryBytes == 8 * chunk.memoryBytes)
        // Kept anew it counts once.
        cache.keep(chunk, as: key(9))
        #expect(cache.memoryBytes == 8 * chunk.memoryBytes)
        // What would push out the most of all others is not kept.
        cache.keep(try self.chunk(bytes: 4000), as: key(10))
        #expect(cache.find(key(10)) == nil)
    }

    @Test func butNotOfAnotherSegmentOfTheSameNumber() throws {
        let cache = ChunkCache(budget: 1 << 20)
        cache.keep(try chunk(bytes: 10), as: key(1, 8))
        cache.keep(try chunk(bytes: 10), as: key(1, 16))
        cache.keep(try chunk(bytes: 10), as: key(2, 8))
        #expect(cache.find(key(1, 8, crc: 1)) == nil)
        cache.forget(1)
        #expect(cache.find(key(1, 8)) == nil && cache.find(key(1, 16)) == nil && cache.find(key(2, 8)) != nil)
    }

    /// Damage that comes after a chunk was checked does not reach who asks for it again; one that was there before does not
    /// become right by asking twice.
    @Test func asTheyWereWhenTheyWereChecked() throws {
        let disk = SimulatedDisk(seed: 71)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: 71)
        for _ in 0..<25 { _ = try writer.append(writer.batch(workload.batch(messages: 30))) }
        let pool = store.shared.pool
        let segments = store.snapshot().state.segments
        let entry = try #require(segments.last)
        let chunks = try #require(pool.index(of: entry)).entries.filter { $0.rows > 1 }
        try #require(chunks.count > 1)
        func damage(_ chunk: SegmentIndex.Entry) {
            disk.corrupt("pool") { $0[Int(pool.offset(of: entry.slot)) + Int(chunk.offset + chunk.length) - 9] ^= 1 }
        }
        pool.forget(entry.sequence)
        let before = store.statistics.damagedChunks
        let kept = try #require(pool.known(chunks[0], of: entry)?.bytes)
        damage(chunks[0])
        damage(chunks[1])
        #expect(pool.known(chunks[0], of: entry)?.bytes == kept)
        #expect(pool.known(chunks[1], of: entry) == nil)
        #expect(pool.known(chunks[1], of: entry) == nil)
        #expect(store.statistics.damagedChunks == before + 1)
        pool.forget(entry.sequence)
        #expect(pool.known(chunks[0], of: entry) == nil)
        #expect(store.statistics.damagedChunks == before + 2)
        // The head has a checksum of its own, and is whole.
        #expect(pool.head(of: chunks[0], of: entry)?.header.rows == Int(chunks[0].rows))
    }
}

@Suite struct AYearOfRecordsIsFewChunks {
    @Test func andNoneOfThemIsLost() {
        let tools = TierTools(encoder: ChunkEncoder(effort: .fast), decoder: ChunkDecoder())
        var head = TierHead()
        let records = (0..<8760).map { hour in
            var record = Aggregate(start: Int64(hour) * 3_600_000, Double(hour % 173) / 10)
            record.add(Double(hour % 31) / 100)
            return record
        }
        for record in records { head.put(record, of: 3, tools) }
        #expect(head.series[3].chunks.count < 20)
        #expect(head.chunkCount == head.series[3].chunks.count)
        #expect(head.chunkBytes == head.series[3].chunks.reduce(0) { $0 + $1.bytes.count })
        var found: [Aggregate] = []
        head.append(3, in: .min ... .max, decoder: tools.decoder, to: &found)
        #expect(found.count == records.count)
        #expect(zip(found, records).allSatisfy { $0.isIdentical(to: $1) })
    }
}
