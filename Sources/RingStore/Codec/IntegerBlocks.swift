/// Whole numbers, bit-packed in blocks of 128: each block with the width that makes it smallest, the few numbers that
/// are wider patched in behind ("patched frame of reference", Zukowski et al., ICDE 2006).
///
/// A block is `u8 width`, with bit 7 set if there are exceptions, then `u8` how many; the packed low bits; the exceptions'
/// positions, `u8` each, and their remaining high bits as varints. The format has no count: the reader knows it.
enum IntegerBlocks {
    static let blockSize = BitPacking.blockSize

    private struct Plan {
        var width: Int
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
        let widest = 64 - all.leadingZeroBitCount
        let whole = Plan(
            width: widest, exceptions: 0, bytes: 1 + BitPacking.bytes(count: block.count, width: widest))
        // Nothing narrower can be smaller: an exception takes two bytes at least.
        guard widest > 1, block.count > 2 else { return whole }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 65) { counts in
            counts.update(repeating: 0)
            for value in block { counts[64 - value.leadingZeroBitCount] &+= 1 }
            // From the widest down: what moves over into the exceptions costs its position and its high bits.
            var best = whole
            var exceptions = 0
            var width = widest - 1
            while width >= 0 {
                exceptions += Int(counts[width + 1])
                if exceptions * 4 > block.count { break }
                var bytes = 2 + BitPacking.bytes(count: block.count, width: width)
                if bytes + 2 * exceptions < best.bytes {
                    for length in (width + 1)...widest where counts[length] > 0 {
                        bytes += Int(counts[length]) * (1 + (length - width + 6) / 7)
                    }
                    if bytes < best.bytes { best = Plan(width: width, exceptions: exceptions, bytes: bytes) }
                }
                width -= 1
            }
            return best
        }
    }

    private static func appendBlock(_ block: UnsafeBufferPointer<UInt64>, to out: inout ByteWriter) {
        let plan = plan(block)
        out.append(UInt8(plan.width | (plan.exceptions > 0 ? 0x80 : 0)))
        if plan.exceptions > 0 { out.append(UInt8(plan.exceptions)) }
        out.appendFilled(BitPacking.bytes(count: block.count, width: plan.width)) {
            BitPacking.pack(block, width: plan.width, into: $0)
        }
        guard plan.exceptions > 0 else { return }
        let width = UInt64(plan.width)
        for index in block.indices where block[index] >> width != 0 { out.append(UInt8(index)) }
        for index in block.indices where block[index] >> width != 0 { out.appendVarint(block[index] >> width) }
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
        let head = try reader.integer(UInt8.self)
        let width = Int(head & 0x7f)
        let exceptions = head >= 0x80 ? Int(try reader.integer(UInt8.self)) : 0
        guard width <= 64, exceptions <= out.count, width < 64 || exceptions == 0 else {
            throw DamagedBytes("block header")
        }
        BitPacking.unpack(
            try reader.slice(BitPacking.bytes(count: out.count, width: width)), width: width, into: out)
        guard exceptions > 0 else { return }
        let positions = try reader.slice(exceptions)
        for position in positions {
            guard Int(position) < out.count else { throw DamagedBytes("exception") }
            out[Int(position)] |= try reader.varint() << UInt64(width)
        }
    }
}
