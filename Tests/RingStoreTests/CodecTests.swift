import Readings
import TestSupport
import Testing

@testable import RingStore

@Suite struct EveryDoubleAndEveryTimeComesBackBitForBit {
    private static let seeds: [UInt64] = Array(1...300)

    /// Encodes and decodes; returns the encoded length.
    @discardableResult
    private func roundTrip(_ times: [Int64], _ columns: [[Double]], _ what: String) throws -> Int {
        var out = ByteWriter()
        out.append([1, 2, 3])
        let encoder = ChunkEncoder()
        times.withUnsafeBufferPointer { times in
            encoder.append(
                key: .shape(7), times: times, columns: columns.count,
                column: { index in
                    // Valid for the call that uses it only: the array lives on in `columns`.
                    columns[index].withUnsafeBufferPointer { $0 }
                }, to: &out)
        }
        let bytes = [UInt8](out.bytes.dropFirst(3))
        try bytes.withUnsafeBytes { bytes in
            let header = try Chunk.header(bytes)
            #expect(header.rows == times.count && header.columns == columns.count && header.length == bytes.count)
            #expect(header.key == .shape(7))
            let decoder = ChunkDecoder()
            let decoded = Array(try decoder.times(bytes, header))
            #expect(decoded == times, "\(what)")
            for column in columns.indices {
                let decoded = try decoder.values(bytes, header, column: column).map(\.bitPattern)
                #expect(decoded == columns[column].map(\.bitPattern), "\(what), column \(column)")
            }
        }
        return bytes.count
    }

    @Test(arguments: seeds) func ofAnyKind(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rows = seed % 3 == 0 ? 1 + Int(random.next() % 5) : 1 + Int(random.next() % UInt64(Chunk.mostRows))
        let times = Self.times(rows, &random)
        let columns = (0..<(1 + Int(random.next() % 6))).map { _ in Self.values(rows, &random) }
        try roundTrip(times, columns, "seed \(seed)")
    }

    private static func times(_ rows: Int, _ random: inout SeededGenerator) -> [Int64] {
        var time = Int64(bitPattern: random.next()) >> (random.next() % 40)
        let kind = random.next() % 5
        var times: [Int64] = []
        for row in 0..<rows {
            switch kind {
            case 0: time &+= 60_000
            case 1: time = time &+ 60_000 &+ Int64(random.next() % 300)
            case 2: time &+= 1 + Int64(random.next() % 10_000_000)
            case 3: time &+= row % 100 == 0 ? 86_400_000 : 1000 + Int64(random.next() % 20)
            default: time &+= 1 + Int64(random.next() >> (1 + random.next() % 60))
            }
            times.append(time)
        }
        // Wrapped around or not: ascending and distinct.
        return Array(Set(times)).sorted() + (times.count == Set(times).count ? [] : [])
    }

    private static func values(_ rows: Int, _ random: inout SeededGenerator) -> [Double] {
        let kind = random.next() % 9
        var level = Double(Int(random.next() % 1000)) / 10
        return (0..<rows).map { row in
            switch kind {
            case 0: return level
            case 1: return (level * 10 + Double(random.next() % 7)).rounded() / 10
            case 2:
                level += Double(random.next() % 100) / 100
                return (level * 100).rounded() / 100
            case 3: return Double(bitPattern: random.next())
            case 4: return level + Double(random.next() % 1000) / 997
            case 5:
                let strange = [-0.0, .nan, .infinity, -.infinity, .signalingNaN, .leastNonzeroMagnitude, 1e300]
                return random.next() % 20 == 0 ? strange[Int(random.next() % 7)] : Double(row)
            case 6: return Double(bitPattern: 0x7ff8_0000_0000_0000 | random.next() % 3)
            case 7: return Double(Int64(bitPattern: random.next()) >> 8)
            default:
                level += 0.5
                return level
            }
        }
    }

    @Test func atTheEndsOfTime() throws {
        try roundTrip([.min, .max], [[1, 2]], "whole span")
        try roundTrip([.min, -1, 0, .max - 1, .max], [[1, 2, 3, 4, 5]], "whole span")
        try roundTrip([.max], [[.nan]], "last instant")
        try roundTrip([0, 1], [[-0.0, 0.0]], "zeros")
    }

    /// Worked out by hand: one 1-decimal column that moves by 0.1 takes 2 bits a value, a fixed step no bit.
    @Test func smallWhereItShouldBe() throws {
        let rows = 1024
        let times = (0..<rows).map { Int64(1_700_000_000_000 + $0 * 60_000) }
        let values = (0..<rows).map { Double(200 + $0 % 2) / 10 }
        let bytes = try roundTrip(times, [values], "steady")
        // 48 of headers, 5 of time, and in 8 blocks of 128 values 3 + 16 (one bit above the least) each.
        #expect(bytes <= 48 + 8 + 4 + 8 * (3 + 16) + 16)
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

    /// RFC 3720 B.4.
    @Test func checksums() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xff, count: 32)
        let rising = (0..<32).map { UInt8($0) }
        #expect(zeros.withUnsafeBytes { CRC32C.of($0) } == 0x8a91_36aa)
        #expect(ones.withUnsafeBytes { CRC32C.of($0) } == 0x62a8_ab43)
        #expect(rising.withUnsafeBytes { CRC32C.of($0) } == 0x46dd_794e)
    }
}

@Suite struct DamagedBytesNeverCrashADecoder {
    /// Chunks with wrong bytes and right checksums: what a checksum cannot keep away.
    @Test(arguments: Array(1...2000) as [UInt64]) func chunks(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rows = 1 + Int(random.next() % 40)
        let times = (0..<rows).map { Int64($0 * 1000) + Int64(random.next() % 100) }
        let values = (0..<rows).map { _ in Double(random.next() % 50) / 10 }
        var out = ByteWriter()
        times.withUnsafeBufferPointer { times in
            values.withUnsafeBufferPointer { values in
                ChunkEncoder().append(key: .single(3), times: times, columns: 1, column: { _ in values }, to: &out)
            }
        }
        var bytes = [UInt8](out.bytes)
        for _ in 0...(random.next() % 4) {
            bytes[4 + Int(random.next() % UInt64(bytes.count - 4))] = UInt8(truncatingIfNeeded: random.next())
        }
        bytes.withUnsafeMutableBytes { bytes in
            let crc = CRC32C.of(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[4...]))
            bytes.storeBytes(of: crc, as: UInt32.self)
        }
        bytes.withUnsafeBytes { bytes in
            guard let header = try? Chunk.header(bytes) else { return }
            let decoder = ChunkDecoder()
            let times = try? decoder.times(bytes, header)
            #expect(times == nil || times?.count == header.rows)
            let values = try? decoder.values(bytes, header, column: header.columns - 1)
            #expect(values == nil || values?.count == header.rows)
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
