import TestSupport

@testable import RingStore

/// Columns of every kind that a codec is made for, and of some that none is made for.
enum CodecColumns {
    static let valueKinds = 24
    static let timeKinds = 10

    static func values(_ kind: Int, rows: Int, _ random: inout SeededGenerator) -> [Double] {
        var level = Double(Int(random.next() % 1000)) / 10
        var run = level
        var (from, to) = (level.rounded(), level.rounded())
        let pattern = (0..<7).map { _ in Double(random.next() % 900) / 900 }
        let lattice = Lattice(numerator: 1, denominator: 300, rounding: .significant(15))
        return (0..<rows).map { row in
            let noise = Double(random.next() % 7)
            switch kind {
            case 0: return level
            case 1: return (level * 10 + noise).rounded() / 10
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
            case 8:
                level += 0.5
                return level
            // A converter's steps.
            case 9: return ((Double(100 + random.next() % 60) * 1000 / 7).rounded()) / 100
            // Means of few readings with two decimals, as a spreadsheet shows them.
            case 10: return (Double(2000 + random.next() % 400) / 900 * 1e8).rounded() / 1e8
            // The same to 15 digits.
            case 11: return lattice.value(Int64(bitPattern: random.next() % 1200) - 300) ?? 0
            // Runs.
            case 12:
                if random.next() % 40 == 0 { run = Double(Int(random.next() % 9)) - 3 }
                return run
            // What comes again.
            case 13: return pattern[row % 7] + (random.next() % 50 == 0 ? 1 : 0)
            // 32-bit floats.
            case 14: return Double(Float(level) + Float(random.next() % 1000) / 333)
            // A normal distribution, more or less: entropy coding pays.
            case 15: return (0..<12).reduce(0.0) { sum, _ in sum + Double(random.next() % 100) } / 10
            case 16: return Double(random.next() % 50 == 0 ? 1000 + random.next() % 1000 : random.next() % 2)
            // Large steps of whole numbers.
            case 17: return Double(Int(random.next() % 300) * 1250 - 50_000)
            // A walk with rare outliers that are no decimals.
            case 18:
                level += Double(Int(random.next() % 5) - 2) / 10
                return random.next() % 30 == 0 ? 1.0 / 3 : (level * 10).rounded() / 10
            case 19: return (9_007_199_254_740_992 as Double) + Double(random.next() % 1000)
            // Six rows from one whole number to the next, in a straight line, as a spreadsheet shows them.
            case 20:
                if row % 6 == 0 { (from, level) = (to, to) } else { level = from + (to - from) * Double(row % 6) / 6 }
                if row % 6 == 5 { to = Double(random.next() % 90) }
                return (level * 1e8).rounded() / 1e8
            // Means of few readings, and a gap that was filled with a straight line.
            case 21:
                guard (100..<250).contains(row) else { return Double(2000 + random.next() % 40) / 100 }
                return ((20 + 3 * Double(row - 99) / 151) * 1e8).rounded() / 1e8
            // 2^32 steps to 50, to ten digits.
            case 22: return (Double(random.next() >> 32) * 50 / 0x1p32 * 1e8).rounded() / 1e8
            // A slow walk under more noise than it moves.
            default:
                level += Double(random.next() % 3) / 10 - 0.1
                return ((level + (0..<6).reduce(0.0) { sum, _ in sum + Double(random.next() % 60) / 10 }) * 10)
                    .rounded() / 10
            }
        }
    }

    /// Strictly ascending; fewer than `rows` where they would go beyond the last instant.
    static func times(_ kind: Int, rows: Int, _ random: inout SeededGenerator) -> [Int64] {
        var time = Int64(bitPattern: random.next()) >> (random.next() % 40)
        var schedule = time
        var times: [Int64] = []
        for row in 0..<rows {
            switch kind {
            case 0: time &+= 60_000
            case 1: time = time &+ 60_000 &+ Int64(random.next() % 300)
            case 2: time &+= 1 + Int64(random.next() % 10_000_000)
            case 3: time &+= row % 100 == 0 ? 86_400_000 : 1000 + Int64(random.next() % 20)
            case 4: time &+= 1 + Int64(random.next() >> (1 + random.next() % 60))
            // A schedule with jitter, and messages that are lost.
            case 5:
                schedule &+= random.next() % 40 == 0 ? 180_000 : 60_000
                time = schedule &+ Int64(random.next() % 400)
            // A clock of whole seconds.
            case 6: time &+= 145_000 + Int64(random.next() % 3) * 1000
            // Faster than a reading a second.
            case 7: time &+= 100 + Int64(random.next() % 3)
            // A clock that ticks every 125 ms, through a network.
            case 8: time &+= 4000 + 125 * Int64(random.next() % 5) + Int64(random.next() % 2)
            // Bursts.
            default: time &+= random.next() % 10 == 0 ? 3_600_000 : 5 + Int64(random.next() % 5)
            }
            if let last = times.last, time <= last { break }
            times.append(time)
        }
        return times
    }
}

/// What an encoder made of columns.
struct EncodedChunk {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(
        _ times: [Int64], _ columns: [[Double]], _ effort: Effort, key: GroupKey = .shape(7),
        flags: Chunk.Flags = [], hints: inout ChunkHints
    ) {
        var out = ByteWriter()
        // Not at the writer's begin: offsets are the chunk's own.
        out.append([1, 2, 3])
        times.withUnsafeBufferPointer { times in
            ChunkEncoder(effort: effort).append(
                key: key, flags: flags, times: times, columns: columns.count, hints: &hints,
                column: { index in
                    // Valid for the call that uses it only: the array lives on in `columns`.
                    columns[index].withUnsafeBufferPointer { $0 }
                }, to: &out)
        }
        bytes = [UInt8](out.bytes.dropFirst(3))
    }

    init(
        _ times: [Int64], _ columns: [[Double]], _ effort: Effort, key: GroupKey = .shape(7),
        flags: Chunk.Flags = []
    ) {
        var hints = ChunkHints()
        self.init(times, columns, effort, key: key, flags: flags, hints: &hints)
    }

    /// Codec, predictor and coder of a column, or what else it is.
    func kind(ofColumn column: Int) throws -> String {
        try bytes.withUnsafeBytes { bytes in
            let place = try Chunk.place(bytes, try Chunk.header(bytes), column: column)
            guard let first = place.body.first else { return "constant" }
            guard let codec = ValueColumn.Codec(rawValue: bytes[first]) else { return "?" }
            switch codec {
            case .decimal, .lattice, .dictionary:
                guard let predictor = Predictor(rawValue: bytes[first + 1] & 15),
                    let coder = IntegerStream.Coder(rawValue: bytes[first + 1] >> 4)
                else { return "?" }
                return "\(codec) \(predictor) \(coder)"
            case .frontBits, .xor, .raw, .twin, .lines: return "\(codec)"
            }
        }
    }

    /// Writes both checksums anew: what a chunk would look like whose damage they do not show.
    mutating func forgeChecksums() {
        bytes.withUnsafeMutableBytes { bytes in
            let head = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt16.self)))
            let length = 8 * (Int(bytes[14]) | Int(bytes[15]) << 8 | Int(bytes[16]) << 16)
            guard head >= 8, head <= length, length <= bytes.count else { return }
            let all = UnsafeRawBufferPointer(bytes)
            bytes.storeBytes(
                of: CRC32C.of(UnsafeRawBufferPointer(rebasing: all[head..<length])), toByteOffset: 4, as: UInt32.self)
            bytes.storeBytes(of: CRC32C.of(UnsafeRawBufferPointer(rebasing: all[4..<head])), as: UInt32.self)
        }
    }
}
