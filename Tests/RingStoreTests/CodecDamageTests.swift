import Readings
import TestSupport
import Testing

@testable import RingStore

@Suite struct DamagedBytesNeverCrashADecoder {
    /// Reads all there is; whether it is refused or not, nothing may crash.
    private func readAll(_ chunk: [UInt8], _ what: String) {
        chunk.withUnsafeBytes { bytes in
            guard let header = try? Chunk.header(bytes) else { return }
            let decoder = ChunkDecoder()
            let times = try? decoder.times(bytes, header)
            #expect(times == nil || times?.count == header.rows, "\(what)")
            for column in 0..<header.columns {
                let values = try? decoder.values(bytes, header, column: column)
                #expect(values == nil || values?.count == header.rows, "\(what)")
                _ = try? Chunk.zone(bytes, header, column: column)
                _ = try? decoder.summary(bytes, header, column: column, rows: 0..<header.rows)
            }
        }
    }

    /// Times that do not ascend are refused, also where they wrap around an odd or an even number of times.
    @Test func forgedTimesAscendOrAreRefused() {
        for (step, rows) in [
            (Int64.min, 2), (.min, 3), (.min, 5), (.max, 3), (.max, 5), (1 << 62, 3), (1 << 62, 5), (-1, 2), (0, 3),
            (1 << 51, 3), (1, 4),
        ] {
            var out = ByteWriter(capacity: 16)
            out.append(TimeColumn.Codec.constantStep.rawValue)
            out.appendSignedVarint(step)
            let times = (0..<rows).map { Int64($0) &* step }
            var reader = ByteReader(out.bytes)
            var decoded = [Int64](repeating: 0, count: rows)
            let isTaken = decoded.withUnsafeMutableBufferPointer { target in
                (try? TimeColumn.decode(
                    &reader, first: 0, last: times[rows - 1], scratch: ColumnScratch(), into: target)) != nil
            }
            #expect(isTaken == zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(rows) rows by \(step)")
        }
    }

    /// Chunks with wrong bytes and right checksums: what a checksum cannot keep away.
    @Test(arguments: Array(1...400) as [UInt64]) func chunksWithForgedChecksums(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rows = 2 + Int(random.next() % 200)
        let times = CodecColumns.times(Int(seed) % CodecColumns.timeKinds, rows: rows, &random)
        let kind = Int(seed) % CodecColumns.valueKinds
        let values = CodecColumns.values(kind, rows: times.count, &random)
        let valid = EncodedChunk(times, [values, values], seed % 4 == 0 ? .fast : .dense)
        for round in 0..<50 {
            readAll(damaged(valid, &random).bytes, "seed \(seed), round \(round)")
        }
    }

    /// The same with chunks that hold every codec and coder.
    @Test(arguments: GoldenChunks.all) func goldenChunksWithForgedChecksums(_ golden: GoldenChunks.Entry) {
        var random = SeededGenerator(seed: UInt64(golden.checksum))
        let valid = EncodedChunk(bytes: golden.bytes)
        for round in 0..<150 { readAll(damaged(valid, &random).bytes, "\(golden.name), round \(round)") }
    }

    private func damaged(_ valid: EncodedChunk, _ random: inout SeededGenerator) -> EncodedChunk {
        var chunk = valid
        let head = Int(chunk.bytes[12]) | Int(chunk.bytes[13]) << 8
        for _ in 0...(random.next() % 4) {
            // Often near the begin of something, where counts and codecs stand.
            let place =
                switch random.next() % 3 {
                case 0: 8 + Int(random.next() % 56)
                case 1: head + Int(random.next() % 64)
                default: 8 + Int(random.next() % UInt64(chunk.bytes.count - 8))
                }
            guard place < chunk.bytes.count else { continue }
            chunk.bytes[place] =
                random.next() % 3 == 0
                ? [0, 1, 0x7f, 0x80, 0xff][Int(random.next() % 5)] : UInt8(truncatingIfNeeded: random.next())
        }
        chunk.forgeChecksums()
        return chunk
    }

    /// Every byte of a chunk counts: a flipped bit is seen by one of the checksums, and the head's alone sees its own.
    @Test func everyFlippedBitIsSeen() throws {
        var random = SeededGenerator(seed: 3)
        let times = CodecColumns.times(5, rows: 100, &random)
        let chunk = EncodedChunk(times, [CodecColumns.values(1, rows: times.count, &random)], .dense)
        let head = try chunk.bytes.withUnsafeBytes { try Chunk.header($0).headBytes }
        for index in chunk.bytes.indices {
            for bit in 0..<8 {
                var damaged = chunk.bytes
                damaged[index] ^= 1 << bit
                damaged.withUnsafeBytes { bytes in
                    #expect((try? Chunk.header(bytes)) == nil, "byte \(index), bit \(bit)")
                    // The body's checksum stands in the head: a damaged body leaves the head whole.
                    #expect(((try? Chunk.head(bytes)) == nil) == (index < head), "byte \(index), bit \(bit)")
                }
            }
        }
    }

    /// However a chunk is cut off.
    @Test func cutOff() throws {
        var random = SeededGenerator(seed: 4)
        let times = CodecColumns.times(5, rows: 100, &random)
        let chunk = EncodedChunk(times, [CodecColumns.values(1, rows: times.count, &random)], .dense)
        let head = try chunk.bytes.withUnsafeBytes { try Chunk.header($0).headBytes }
        for length in 0..<chunk.bytes.count {
            Array(chunk.bytes[..<length]).withUnsafeBytes { bytes in
                #expect((try? Chunk.header(bytes)) == nil)
                #expect((try? Chunk.uncheckedHeader(bytes)) == nil)
                #expect(((try? Chunk.head(bytes)) != nil) == (length >= max(head, Chunk.leastBytes)))
            }
        }
    }

    @Test(arguments: Array(1...2000) as [UInt64]) func framesAndRecords(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<Int(random.next() % 200)).map { _ in
            UInt8(truncatingIfNeeded: random.next() % 3 == 0 ? random.next() % 8 : random.next())
        }
        bytes.withUnsafeBytes { bytes in
            var decoder = ReadingsDecoder()
            decoder.begin()
            var reader = ByteReader(bytes)
            var items = 0
            while (try? decoder.next(&reader, columns: { $0.kind == .shape ? 2 : 1 })) ?? nil != nil { items += 1 }
            #expect(items <= bytes.count)
            var records = ByteReader(bytes)
            var previous: [Label] = [Label("device", "d")]
            _ = try? CatalogueRecord(&records, previous: &previous)
            var checkpoint = ByteReader(bytes)
            _ = try? CheckpointPayload(&checkpoint)
            #expect(Frame.header(bytes, store: 1) == nil)
            #expect((try? Chunk.header(bytes)) == nil)
        }
    }
}
