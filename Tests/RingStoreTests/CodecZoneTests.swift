import TestSupport
import Testing

@testable import RingStore

@Suite struct AZoneSaysWhatTheRowsSay {
    private func zones(_ times: [Int64], _ columns: [[Double]], _ effort: Effort) throws -> [Zone?] {
        let chunk = EncodedChunk(times, columns, effort)
        return try chunk.bytes.withUnsafeBytes { bytes in
            // The head alone must do.
            let header = try Chunk.head(bytes)
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<header.headBytes])
            return try columns.indices.map { try Chunk.zone(head, try Chunk.head(head), column: $0) }
        }
    }

    @Test(arguments: Array(1...60) as [UInt64]) func ofAnyKind(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let times = (0..<(64 + Int(random.next() % 200))).map { Int64($0) * 60_000 }
        let kind = Int(seed) % CodecColumns.valueKinds
        let values = CodecColumns.values(kind, rows: times.count, &random)
        for effort in [Effort.fast, .dense] {
            guard let zone = try zones(times, [values], effort)[0] else {
                #expect(!values.allSatisfy(\.isFinite) || !values.reduce(0, +).isFinite, "seed \(seed)")
                continue
            }
            #expect(zone.count == values.count)
            #expect(zone.min == values.min() && zone.max == values.max(), "seed \(seed)")
            #expect(zone.first.bitPattern == values.first?.bitPattern, "seed \(seed)")
            #expect(zone.last.bitPattern == values.last?.bitPattern, "seed \(seed)")
            let sum = values.reduce(0, +)
            let size = values.reduce(0) { $0 + $1.magnitude }
            #expect((zone.sum.value - sum).magnitude <= size * 1e-12, "seed \(seed)")
        }
    }

    /// The sum of ten times 0.1 is 1, not 0.9999999999999999.
    @Test func sumsOfDecimalsAreExact() throws {
        let times = (0..<100).map { Int64($0) }
        let values = times.map { $0 % 10 == 0 ? 0.1 : 0.3 }
        let zone = try zones(times, [values], .fast)[0]
        #expect(zone?.sum == .decimal(280, exponent: 1))
        #expect(zone?.sum.value == 28)
        #expect(values.reduce(0, +) != 28)
    }

    /// 1e16 swallows a 1 that is added to it; the sum keeps it.
    @Test func sumsOfOthersKeepWhatDoublesLose() throws {
        let times = (0..<64).map { Int64($0) }
        var values = times.map { _ in 1.0 / 3 }
        values[0] = 1e16
        values[63] = -1e16
        let zone = try zones(times, [values], .dense)[0]
        #expect(zone.map { ($0.sum.value - 62.0 / 3).magnitude < 1e-9 } == true)
    }

    @Test func constantColumnsHaveNoBody() throws {
        let times = (0..<3).map { Int64($0) }
        let zone = try zones(times, [[1.5, 1.5, 1.5], [-0.0, -0.0, -0.0]], .fast)
        #expect(zone[0]?.sum == .decimal(45, exponent: 1))
        #expect(zone[1]?.first.sign == .minus)
        #expect(try EncodedChunk(times, [[1.5, 1.5, 1.5]], .fast).kind(ofColumn: 0) == "constant")
    }

    @Test func thereIsNoneWithANaNAnInfinityOrFewRows() throws {
        let times = (0..<100).map { Int64($0) }
        var values = times.map { Double($0) }
        values[50] = .nan
        #expect(try zones(times, [values], .dense)[0] == nil)
        values[50] = .infinity
        #expect(try zones(times, [values], .fast)[0] == nil)
        #expect(try zones(times, [times.map { _ in .nan }], .fast)[0] == nil)
        #expect(try zones(Array(times[..<63]), [Array(values[..<63])], .dense)[0] == nil)
    }

    /// Of some rows, as of those rows' own chunk; of all, as the zone.
    @Test(arguments: Array(1...60) as [UInt64]) func summariesOfSomeRows(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let times = (0..<(70 + Int(random.next() % 200))).map { Int64($0) * 60_000 }
        let values = CodecColumns.values(Int(seed) % CodecColumns.valueKinds, rows: times.count, &random)
        for effort in [Effort.fast, .dense] {
            let chunk = EncodedChunk(times, [values], effort)
            try chunk.bytes.withUnsafeBytes { bytes in
                let header = try Chunk.header(bytes)
                let first = Int(random.next() % UInt64(times.count))
                let rows = first..<(first + 1 + Int(random.next() % UInt64(times.count - first)))
                let decoder = ChunkDecoder()
                let summary = try decoder.summary(bytes, header, column: 0, rows: rows)
                let part = Array(values[rows])
                guard let summary else {
                    #expect(!part.allSatisfy(\.isFinite) || !part.reduce(0, +).isFinite, "seed \(seed)")
                    return
                }
                #expect(summary.count == rows.count && summary.min == part.min() && summary.max == part.max())
                #expect(summary.first.bitPattern == part.first?.bitPattern)
                #expect(summary.last.bitPattern == part.last?.bitPattern)
                let size = part.reduce(0) { $0 + $1.magnitude }
                #expect((summary.sum.value - part.reduce(0, +)).magnitude <= size * 1e-12, "seed \(seed)")
                #expect((try? decoder.summary(bytes, header, column: 0, rows: 0..<0)) == nil)
                #expect((try? decoder.summary(bytes, header, column: 0, rows: 0..<(header.rows + 1))) == nil)
            }
        }
    }

    @Test(arguments: [-1, 1, 7, .min, .max]) func thereIsNoneOfAColumnThatIsNotThere(column: Int) throws {
        let chunk = EncodedChunk([1, 2], [[1, 2]], .fast)
        try chunk.bytes.withUnsafeBytes { bytes in
            let header = try Chunk.header(bytes)
            #expect((try? Chunk.zone(bytes, header, column: column)) == nil)
            #expect((try? ChunkDecoder().values(bytes, header, column: column)) == nil)
        }
    }
}
