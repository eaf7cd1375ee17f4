/// A few whole numbers with as many bits as the widest needs, the first in the lowest bits. How many bits stands elsewhere.
///
/// What frames of the log are made of: a frame holds some ten rows of a group, for which the patched blocks of chunks have too
/// much of a header. The reader knows the count, and may load eight bytes beyond the last bit.
enum PackedRun {
    /// Wider numbers take 64 bits: a load of eight bytes at any bit holds at most 57 for sure.
    private static let widestPacked = 57

    /// The width for numbers of which `all` has every bit that any of them has.
    @inline(__always)
    static func width(of all: UInt64) -> Int {
        let width = 64 - all.leadingZeroBitCount
        return width > widestPacked ? 64 : width
    }

    @inline(__always)
    static func bytes(count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    static func append(_ numbers: UnsafeBufferPointer<UInt64>, width: Int, to out: inout ByteWriter) {
        guard width > 0 else { return }
        let bytes = bytes(count: numbers.count, width: width)
        // Stored eight bytes at a time; what goes beyond the run is written over by what follows.
        out.reserve(bytes + 8)
        out.appendFilled(bytes) { base in
            var next = base
            var word: UInt64 = 0
            var filled = 0
            for number in numbers {
                word |= number << UInt64(filled)
                filled += width
                if filled >= 64 {
                    next.storeBytes(of: word.littleEndian, as: UInt64.self)
                    next += 8
                    filled -= 64
                    word = filled == 0 ? 0 : number >> UInt64(width - filled)
                }
            }
            if filled > 0 { next.storeBytes(of: word.littleEndian, as: UInt64.self) }
        }
    }

    /// Reads as many numbers as `out` has room for.
    static func decode(
        _ reader: inout ByteReader, width: Int, into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        guard width <= widestPacked || width == 64 else { throw DamagedBytes("width") }
        guard width > 0 else { return out.update(repeating: 0) }
        let packed = try reader.sliceWithSlack(bytes(count: out.count, width: width))
        if width == 64 {
            for index in out.indices {
                out[index] = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
            return
        }
        let mask: UInt64 = (1 << UInt64(width)) - 1
        var bit = 0
        for index in out.indices {
            let word = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
            out[index] = (word >> UInt64(bit & 7)) & mask
            bit &+= width
        }
    }
}
