/// Whole numbers, bit-packed in blocks of 128: each block with the width that makes it smallest, the few numbers that
/// are wider patched in behind ("patched frame of reference", Zukowski et al., ICDE 2006).
///
/// A block is `u8 width, u8 shift, u8 exceptions`, the packed low bits, and for each exception `u8 position` and the
/// remaining high bits as a varint. `shift` is how many low bits are zero in every number of the block. The format has
/// no count: the reader knows it.
enum IntegerBlocks {
    static let blockSize = 128
    /// Wider ones are stored as 64: a load of eight bytes at any bit offset holds at most 57 bits for sure.
    private static let widestPacked = 57

    private struct Plan {
        var width: Int
        var shift: Int
        var exceptions: Int
        var bytes: Int
    }

    /// Encoded size of `values`, in bytes.
    static func size(of values: UnsafeBufferPointer<UInt64>) -> Int {
        var total = 0
        var start = 0
        while start < values.count {
            let end = min(start + blockSize, values.count)
            total += plan(UnsafeBufferPointer(rebasing: values[start..<end])).bytes
            start = end
        }
        return total
    }

    static func append(_ values: UnsafeBufferPointer<UInt64>, to out: inout ByteWriter) {
        var start = 0
        while start < values.count {
            let end = min(start + blockSize, values.count)
            appendBlock(UnsafeBufferPointer(rebasing: values[start..<end]), to: &out)
            start = end
        }
    }

    private static func plan(_ block: UnsafeBufferPointer<UInt64>) -> Plan {
        var all: UInt64 = 0
        for value in block { all |= value }
        guard all != 0 else { return Plan(width: 0, shift: 0, exceptions: 0, bytes: 3) }
        let shift = all.trailingZeroBitCount
        let widest = 64 - (all >> UInt64(shift)).leadingZeroBitCount
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 65) { counts in
            counts.update(repeating: 0)
            for value in block { counts[64 - (value >> UInt64(shift)).leadingZeroBitCount] &+= 1 }
            // From the widest down: what moves over into the exceptions costs its position and its high bits.
            var best = Plan(width: widest > widestPacked ? 64 : widest, shift: shift, exceptions: 0, bytes: .max)
            best.bytes = 3 + (block.count * best.width + 7) / 8
            var exceptions = 0
            var width = widest - 1
            while width >= 0 {
                exceptions += Int(counts[width + 1])
                if width <= widestPacked {
                    var bytes = 3 + (block.count * width + 7) / 8
                    for length in (width + 1)...widest where counts[length] > 0 {
                        bytes += Int(counts[length]) * (1 + (length - width + 6) / 7)
                    }
                    if bytes < best.bytes {
                        best = Plan(width: width, shift: shift, exceptions: exceptions, bytes: bytes)
                    }
                }
                if exceptions * 4 > block.count { break }
                width -= 1
            }
            return best
        }
    }

    private static func appendBlock(_ block: UnsafeBufferPointer<UInt64>, to out: inout ByteWriter) {
        let plan = plan(block)
        out.append(UInt8(plan.width))
        out.append(UInt8(plan.shift))
        out.append(UInt8(plan.exceptions))
        let shift = UInt64(plan.shift)
        let width = UInt64(plan.width)
        let mask: UInt64 = plan.width == 64 ? .max : (1 << width) - 1
        if plan.width > 0 {
            out.appendFilled((block.count * plan.width + 7) / 8) { base in
                var word: UInt64 = 0
                var filled: UInt64 = 0
                var next = base
                for value in block {
                    let low = (value >> shift) & mask
                    word |= low << filled
                    filled += width
                    if filled >= 64 {
                        next.storeBytes(of: word.littleEndian, as: UInt64.self)
                        next += 8
                        filled -= 64
                        word = filled == 0 ? 0 : low >> (width - filled)
                    }
                }
                while filled > 0 {
                    next.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
                    next += 1
                    word >>= 8
                    filled = filled > 8 ? filled - 8 : 0
                }
            }
        }
        guard plan.exceptions > 0 else { return }
        for index in block.indices {
            let high = (block[index] >> shift) >> width
            if high != 0 {
                out.append(UInt8(index))
                out.appendVarint(high)
            }
        }
    }

    /// Reads `into.count` numbers.
    static func decode(_ reader: inout ByteReader, into out: UnsafeMutableBufferPointer<UInt64>) throws(DamagedBytes) {
        var start = 0
        while start < out.count {
            let end = min(start + blockSize, out.count)
            try decodeBlock(&reader, into: UnsafeMutableBufferPointer(rebasing: out[start..<end]))
            start = end
        }
    }

    private static func decodeBlock(
        _ reader: inout ByteReader, into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        let width = Int(try reader.integer(UInt8.self))
        let shift = UInt64(try reader.integer(UInt8.self))
        let exceptions = Int(try reader.integer(UInt8.self))
        guard width <= widestPacked || width == 64, shift < 64, exceptions <= out.count, width < 64 || exceptions == 0
        else { throw DamagedBytes("block header") }
        let packed = try reader.sliceWithSlack((out.count * width + 7) / 8)
        if width == 0 {
            out.update(repeating: 0)
        } else if width == 64 {
            for index in out.indices {
                out[index] =
                    UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)) << shift
            }
        } else {
            let mask: UInt64 = (1 << UInt64(width)) - 1
            var bit = 0
            for index in out.indices {
                let word = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                out[index] = ((word >> UInt64(bit & 7)) & mask) << shift
                bit &+= width
            }
        }
        for _ in 0..<exceptions {
            let position = Int(try reader.integer(UInt8.self))
            let high = try reader.varint()
            guard position < out.count else { throw DamagedBytes("exception") }
            out[position] |= (high << UInt64(width)) << shift
        }
    }
}
