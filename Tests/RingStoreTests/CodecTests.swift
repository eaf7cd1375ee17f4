import Readings
import TestSupport
import Testing

@testable import RingStore

@Suite struct EveryDoubleAndEveryTimeComesBackBitForBit {
    private static let seeds: [UInt64] = Array(1...200)

    private func check(_ chunk: EncodedChunk, _ times: [Int64], _ columns: [[Double]], _ what: String) throws {
        try chunk.bytes.withUnsafeBytes { bytes in
            let header = try Chunk.header(bytes)
            #expect(header.rows == times.count && header.columns == columns.count && header.length == bytes.count)
            #expect(header.key == .shape(7) && header.firstTime == times.first && header.lastTime == times.last)
            let decoder = ChunkDecoder()
            let decoded = Array(try decoder.times(bytes, header))
            #expect(decoded == times, "\(what)")
            for column in columns.indices {
                let decoded = try decoder.values(bytes, header, column: column).map(\.bitPattern)
                #expect(decoded == columns[column].map(\.bitPattern), "\(what), column \(column)")
                for wanted in [1, 128, 129, 131, times.count / 3, times.count - 1]
                where (1...times.count).contains(wanted) {
                    let first = try decoder.values(bytes, try ChunkHead(bytes, header), column: column, through: wanted)
                    #expect(
                        first.map(\.bitPattern) == Array(decoded[..<wanted]),
                        "\(what), column \(column), \(wanted) rows")
                }
            }
        }
    }

    private func roundTrip(_ times: [Int64], _ columns: [[Double]], _ what: String) throws {
        for effort in [Effort.fast, .dense] {
            try check(EncodedChunk(times, columns, effort), times, columns, "\(what), \(effort)")
        }
    }

    @Test(arguments: seeds) func ofAnyKind(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let most: UInt64 = seed % 50 == 0 ? UInt64(Chunk.mostRows) : 400
        let rows = seed % 3 == 0 ? 1 + Int(random.next() % 5) : 1 + Int(random.next() % most)
        let times = CodecColumns.times(Int(random.next() % UInt64(CodecColumns.timeKinds)), rows: rows, &random)
        let columns = (0..<(1 + Int(random.next() % 6))).map { _ in
            CodecColumns.values(Int(random.next() % UInt64(CodecColumns.valueKinds)), rows: times.count, &random)
        }
        try roundTrip(times, columns + [columns[0]], "seed \(seed)")
    }

    /// Hints of one chunk for the next, which may be of quite another kind.
    @Test(arguments: Array(1...40) as [UInt64]) func withHintsThatFitOrDoNot(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var hints = ChunkHints()
        var kind = Int(random.next() % UInt64(CodecColumns.valueKinds))
        var timeKind = Int(random.next() % UInt64(CodecColumns.timeKinds))
        for round in 0..<4 {
            if random.next() % 3 == 0 {
                kind = Int(random.next() % UInt64(CodecColumns.valueKinds))
                timeKind = Int(random.next() % UInt64(CodecColumns.timeKinds))
            }
            let times = CodecColumns.times(timeKind, rows: 2 + Int(random.next() % 300), &random)
            let columns = [CodecColumns.values(kind, rows: times.count, &random)]
            let chunk = EncodedChunk(times, columns, .dense, hints: &hints)
            try check(chunk, times, columns, "seed \(seed), round \(round), kind \(kind)")
        }
    }

    @Test func atTheEndsOfTime() throws {
        try roundTrip([.min, .max], [[1, 2]], "whole span")
        try roundTrip([.min, -1, 0, .max - 1, .max], [[1, 2, 3, 4, 5]], "whole span")
        try roundTrip([.max], [[.nan]], "last instant")
        try roundTrip([0, 1], [[-0.0, 0.0]], "zeros")
    }

    @Test func sixtyFourColumns() throws {
        var random = SeededGenerator(seed: 64)
        let times = CodecColumns.times(1, rows: 100, &random)
        let columns = (0..<Chunk.mostColumns).map {
            CodecColumns.values($0 % CodecColumns.valueKinds, rows: times.count, &random)
        }
        try roundTrip(times, columns, "64 columns")
        let raw = (0..<Chunk.mostColumns).map { _ in CodecColumns.values(3, rows: times.count, &random) }
        try roundTrip(times, raw, "64 raw columns")
    }

    /// What the head of the store counts on: see `StoreGeometry.mostRows`.
    @Test(arguments: [1, 2, 3, 5, 63, 64, 200, 1024]) func neverLargerThanNineBytesANumber(rows: Int) {
        var random = SeededGenerator(seed: UInt64(rows))
        for columnCount in [1, 2, 7, 64] {
            let times = (0..<rows).map { Int64($0) << 50 | Int64(random.next() >> 15) }
            let columns = (0..<columnCount).map { _ in CodecColumns.values(3, rows: rows, &random) }
            for effort in [Effort.fast, .dense] where rows * columnCount < 10_000 {
                let size = EncodedChunk(times, columns, effort).bytes.count
                #expect(size <= 9 * rows * (columnCount + 1) + 256, "\(rows) rows, \(columnCount) columns")
            }
        }
    }

    /// Worked out by hand: one 1-decimal column that moves by 0.1 takes a bit a value, a fixed step none.
    @Test func smallWhereItShouldBe() throws {
        let rows = 1024
        let times = (0..<rows).map { Int64(1_700_000_000_000 + $0 * 60_000) }
        let values = (0..<rows).map { Double(200 + $0 % 2) / 10 }
        let chunk = EncodedChunk(times, [values], .fast)
        try check(chunk, times, [values], "steady")
        // 32 of header, 16 of zone and lengths, 4 of time, and in 8 blocks of 128 values 1 + 16 each.
        #expect(chunk.bytes.count <= 32 + 16 + 4 + 5 + 8 * (1 + 16) + 8)
    }

    /// σ = 150 ms, of which the entropy is 1.16 bytes: a period that is wrong by a little would cost more with every row.
    @Test(arguments: Array(1...8) as [UInt64]) func aShakenScheduleDoesNotDrift(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let times = (0..<3000).map { row in
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.next() >> 11) / 0x1p53 }
            return Int64(row * 60_000) + Int64((normal * 150).rounded())
        }
        let values = [Double](repeating: 1, count: times.count)
        let chunk = EncodedChunk(times, [values], .dense)
        try check(chunk, times, [values], "seed \(seed)")
        #expect(Double(chunk.bytes.count) <= 1.21 * 3000, "\(chunk.bytes.count) bytes, seed \(seed)")
    }

    /// Every codec, predictor and coder is the best for something: else it would be better left out.
    @Test func everyCodecIsTaken() throws {
        var taken: Set<String> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            for kind in 0..<CodecColumns.valueKinds {
                let times = CodecColumns.times(1, rows: 600, &random)
                let values = CodecColumns.values(kind, rows: times.count, &random)
                let chunk = EncodedChunk(times, [values, values], .dense)
                for part in try chunk.kind(ofColumn: 0).split(separator: " ") { taken.insert(String(part)) }
                taken.insert(try chunk.kind(ofColumn: 1))
            }
        }
        let wanted: Set<String> = [
            "constant", "twin", "decimal", "lattice", "dictionary", "frontBits", "xor", "raw", "least", "last", "slope",
            "mean", "slowMean", "runs", "packed", "rans", "prefix", "lines",
        ]
        #expect(wanted.subtracting(taken) == [])
    }

    @Test func integersOfEveryWidth() throws {
        for width in 0...64 {
            for count in [1, 7, 127, 128, 129, 300] {
                var random = SeededGenerator(seed: UInt64(width * 1000 + count))
                let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
                var values = (0..<count).map { _ in random.next() & mask }
                values[count / 2] |= width == 0 ? 0 : 1 << UInt64(width - 1)
                if width < 50, count > 20 { values[3] = 1 << 60 }
                var out = ByteWriter()
                let size = values.withUnsafeBufferPointer { IntegerBlocks.size(of: $0) }
                values.withUnsafeBufferPointer { IntegerBlocks.append($0, to: &out) }
                #expect(out.count == size, "width \(width), count \(count)")
                out.appendZeros(8)
                var decoded = [UInt64](repeating: 7, count: count)
                var reader = ByteReader(out.bytes)
                try decoded.withUnsafeMutableBufferPointer { try IntegerBlocks.decode(&reader, into: $0) }
                #expect(decoded == values, "width \(width), count \(count)")
                #expect(reader.remaining == 8)
            }
        }
    }

    @Test(arguments: Array(1...100) as [UInt64]) func integersInEveryCoder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scratch = ColumnScratch()
        let width = random.next() % 57
        let values = (0..<Int(1 + random.next() % 600)).map { _ in
            (random.next() >> (random.next() % 64)) & ((1 << width) - 1)
        }
        for coder in IntegerStream.Coder.allCases {
            var out = ByteWriter()
            let taken = values.withUnsafeBufferPointer {
                IntegerStream.append($0, coder, scratch: scratch, to: &out)
            }
            var decoded = [UInt64](repeating: 7, count: values.count)
            var reader = ByteReader(out.bytes)
            try decoded.withUnsafeMutableBufferPointer {
                try IntegerStream.decode(&reader, taken, scratch: scratch, into: $0)
            }
            #expect(decoded == values, "seed \(seed), \(coder)")
            #expect(reader.remaining == 0, "seed \(seed), \(coder)")
        }
    }

    /// RFC 3720 B.4, by the instruction and by the tables.
    @Test func checksums() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xff, count: 32)
        let rising = (0..<32).map { UInt8($0) }
        for of in [CRC32C.of, CRC32C.byTables] {
            #expect(zeros.withUnsafeBytes { of($0) } == 0x8a91_36aa)
            #expect(ones.withUnsafeBytes { of($0) } == 0x62a8_ab43)
            #expect(rising.withUnsafeBytes { of($0) } == 0x46dd_794e)
        }
        var random = SeededGenerator(seed: 1)
        // From 1536 bytes on the instruction works on three blocks at once.
        for length in Array(0..<70) + [1535, 1536, 1537, 3071, 3072] + (0..<50).map({ _ in Int(random.next() % 9000) })
        {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(bytes.withUnsafeBytes { CRC32C.of($0) } == bytes.withUnsafeBytes { CRC32C.byTables($0) })
        }
    }
}
