import Glibc
import TestSupport
import Testing

@testable import RingStore

/// Chunks that were written once, and must be read for ever: see `GoldenChunks` for how they were made.
@Suite struct ChunksWrittenOnceAreReadForEver {
    /// A checksum over the times and the bits of the values, column by column.
    private static func checksum(_ times: [Int64], _ columns: [[UInt64]]) -> UInt32 {
        var out = ByteWriter()
        for time in times { out.append(time) }
        for bits in columns.joined() { out.append(bits) }
        return CRC32C.of(out.bytes)
    }

    @Test(arguments: GoldenChunks.all) func bitForBit(_ golden: GoldenChunks.Entry) throws {
        try golden.bytes.withUnsafeBytes { bytes in
            let header = try Chunk.header(bytes)
            let decoder = ChunkDecoder()
            let times = Array(try decoder.times(bytes, header))
            let columns = try (0..<header.columns).map {
                try decoder.values(bytes, header, column: $0).map(\.bitPattern)
            }
            #expect(ChunksWrittenOnceAreReadForEver.checksum(times, columns) == golden.checksum, "\(golden.name)")
        }
    }

    /// Together they hold all that the format knows.
    @Test func everyCodecIsAmongThem() throws {
        var found: Set<String> = []
        for golden in GoldenChunks.all {
            let chunk = EncodedChunk(bytes: golden.bytes)
            let header = try chunk.bytes.withUnsafeBytes { try Chunk.header($0) }
            for column in 0..<header.columns {
                for part in try chunk.kind(ofColumn: column).split(separator: " ") { found.insert(String(part)) }
            }
            try chunk.bytes.withUnsafeBytes { bytes in
                let place = try Chunk.timePlace(bytes, header)
                let codec = try #require(TimeColumn.Codec(rawValue: bytes[place.lowerBound]))
                found.insert("time \(codec)")
            }
        }
        let wanted: Set<String> = [
            "constant", "twin", "decimal", "lattice", "dictionary", "frontBits", "xor", "raw", "least", "last", "slope",
            "mean", "slowMean", "runs", "packed", "rans", "prefix", "lines", "time constantStep", "time phase",
            "time phaseLanes",
            "time deltaOfDelta",
            "time ticks",
        ]
        #expect(wanted.subtracting(found) == [])
    }

    /// Prints `GoldenChunks.swift` anew, when the format has changed on purpose.
    @Test(.enabled(if: getenv("PRINT_GOLDEN_CHUNKS") != nil)) func printed() {
        var lines: [String] = []
        for kind in 0..<CodecColumns.valueKinds {
            var random = SeededGenerator(seed: UInt64(kind))
            // Entropy coders need some rows before they are worth it, and rather come to slow series.
            let isLong = [1, 10, 13, 15].contains(kind)
            let timeKind = isLong && kind != 1 ? 6 : kind % CodecColumns.timeKinds
            let times = CodecColumns.times(
                timeKind, rows: kind == 15 ? 2500 : kind == 13 ? 500 : isLong ? 700 : 260, &random)
            let values = CodecColumns.values(kind, rows: times.count, &random)
            let effort = [2, 14].contains(kind) ? Effort.fast : .dense
            let chunk = EncodedChunk(times, [values, values], effort)
            let checksum = ChunksWrittenOnceAreReadForEver.checksum(
                times, [values, values].map { $0.map(\.bitPattern) })
            lines.append("        Entry(")
            lines.append("            name: \"values \(kind), times \(timeKind)\",")
            let digits = String(UInt64(1) << 32 | UInt64(checksum), radix: 16).dropFirst()
            lines.append("            checksum: 0x\(digits.prefix(4))_\(digits.suffix(4)),")
            lines.append("            hex: \"\"\"")
            var hex = ""
            for byte in chunk.bytes {
                let digits = String(byte, radix: 16)
                hex += digits.count == 1 ? "0" + digits : digits
                if hex.utf8.count == 96 {
                    lines.append("                " + hex)
                    hex = ""
                }
            }
            if !hex.isEmpty { lines.append("                " + hex) }
            lines.append("                \"\"\"),")
        }
        print("GOLDEN")
        for line in lines { print(line) }
        print("GOLDEN")
    }
}
