/// Whole numbers side by side at a fixed width, without anything that says which width.
///
/// A full block of 128 lies in four lanes of 32-bit words ("SIMD-BP128", Lemire and Boytsov, 2015): number 4·r + l is row r
/// of lane l, so that one instruction shifts four numbers by the same amount. Numbers wider than 32 bits are two such blocks:
/// their low halves, then the rest. A shorter block lies one number after the other.
enum BitPacking {
    static let blockSize = 128
    private static let rows = 32

    /// Bytes of `count` numbers, at most 128, of `width` bits.
    static func bytes(count: Int, width: Int) -> Int { (count * width + 7) / 8 }

    /// Writes the low `width` bits of each of the numbers.
    static func pack(
        _ values: UnsafeBufferPointer<UInt64>, width: Int, into out: UnsafeMutableRawPointer
    ) {
        guard width > 0, let base = values.baseAddress else { return }
        guard values.count == blockSize else {
            packInOrder(values, width: width, into: out)
            return
        }
        packLanes(base, shift: 0, width: min(width, 32), into: out)
        if width > 32 { packLanes(base, shift: 32, width: width - 32, into: out + blockSize * 4) }
    }

    private static func packLanes(
        _ values: UnsafePointer<UInt64>, shift: UInt64, width: Int, into out: UnsafeMutableRawPointer
    ) {
        let mask = SIMD4<UInt32>(repeating: width == 32 ? .max : (1 << UInt32(width)) - 1)
        let width = UInt32(width)
        var words = SIMD4<UInt32>()
        var filled: UInt32 = 0
        var next = out
        for row in 0..<rows {
            let numbers = UnsafeRawPointer(values + 4 * row).loadUnaligned(as: SIMD4<UInt64>.self)
            let low = SIMD4<UInt32>(truncatingIfNeeded: numbers &>> SIMD4(repeating: shift)) & mask
            words |= low &<< SIMD4(repeating: filled)
            filled += width
            if filled >= 32 {
                next.storeBytes(of: words, as: SIMD4<UInt32>.self)
                next += 16
                filled -= 32
                words = filled == 0 ? SIMD4() : low &>> SIMD4(repeating: width - filled)
            }
        }
    }

    private static func packInOrder(
        _ values: UnsafeBufferPointer<UInt64>, width: Int, into out: UnsafeMutableRawPointer
    ) {
        let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
        var word: UInt64 = 0
        var filled = 0
        var next = out
        for value in values {
            let low = value & mask
            word |= low << UInt64(filled)
            filled += width
            if filled >= 64 {
                next.storeBytes(of: word.littleEndian, as: UInt64.self)
                next += 8
                filled -= 64
                word = filled == 0 ? 0 : low >> UInt64(width - filled)
            }
        }
        while filled > 0 {
            next.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
            next += 1
            word >>= 8
            filled -= 8
        }
    }

    /// Reads `out.count` numbers from `packed`, which holds `bytes(count:width:)` of them.
    @inline(__always)
    static func unpack(
        _ packed: UnsafeRawBufferPointer, width: Int, into out: UnsafeMutableBufferPointer<UInt64>
    ) {
        guard width > 0, let source = packed.baseAddress, let base = out.baseAddress else {
            out.update(repeating: 0)
            return
        }
        guard out.count == blockSize else {
            unpackInOrder(packed, width: width, into: out)
            return
        }
        if width <= 32 {
            unpackLanes(source, width: width, into: base)
        } else {
            unpackWide(source, width: width, into: base)
        }
    }

    @inline(__always)
    private static func row(
        _ source: UnsafeRawPointer, _ row: Int, width: Int, mask: SIMD4<UInt32>
    ) -> SIMD4<UInt32> {
        let bit = row &* width
        let shift = UInt32(truncatingIfNeeded: bit & 31)
        let word = bit >> 5
        // The last row ends where the block does, and needs no further word.
        let following = min(word &+ 1, width &- 1)
        let low = source.loadUnaligned(fromByteOffset: word &* 16, as: SIMD4<UInt32>.self)
        let high = source.loadUnaligned(fromByteOffset: following &* 16, as: SIMD4<UInt32>.self)
        return ((low &>> SIMD4(repeating: shift)) | ((high &<< 1) &<< SIMD4(repeating: 31 &- shift))) & mask
    }

    @inline(__always)
    private static func mask(_ width: Int) -> SIMD4<UInt32> {
        SIMD4(repeating: width == 32 ? .max : (1 &<< UInt32(width)) &- 1)
    }

    @inline(__always)
    private static func unpackLanes(_ source: UnsafeRawPointer, width: Int, into out: UnsafeMutablePointer<UInt64>) {
        let mask = mask(width)
        for index in 0..<rows {
            let numbers = row(source, index, width: width, mask: mask)
            UnsafeMutableRawPointer(out + 4 &* index).storeBytes(
                of: SIMD4<UInt64>(truncatingIfNeeded: numbers), as: SIMD4<UInt64>.self)
        }
    }

    private static func unpackWide(_ source: UnsafeRawPointer, width: Int, into out: UnsafeMutablePointer<UInt64>) {
        let upper = source + blockSize * 4
        for index in 0..<rows {
            let low = row(source, index, width: 32, mask: mask(32))
            let high = row(upper, index, width: width - 32, mask: mask(width - 32))
            UnsafeMutableRawPointer(out + 4 * index).storeBytes(
                of: SIMD4<UInt64>(truncatingIfNeeded: low) | SIMD4<UInt64>(truncatingIfNeeded: high) &<< 32,
                as: SIMD4<UInt64>.self)
        }
    }

    private static func unpackInOrder(
        _ packed: UnsafeRawBufferPointer, width: Int, into out: UnsafeMutableBufferPointer<UInt64>
    ) {
        let low = min(width, 56)
        let lowMask: UInt64 = (1 << UInt64(low)) - 1
        let highMask: UInt64 = (1 << UInt64(width - low)) - 1
        var bit = 0
        for index in out.indices {
            var value = bits(of: packed, at: bit) & lowMask
            if width > low { value |= (bits(of: packed, at: bit + low) & highMask) << UInt64(low) }
            out[index] = value
            bit += width
        }
    }

    /// At least 57 bits from bit `bit` on; zeros beyond the end of `bytes`.
    @inline(__always)
    static func bits(of bytes: UnsafeRawBufferPointer, at bit: Int) -> UInt64 {
        let offset = bit >> 3
        if offset &+ 8 <= bytes.count {
            return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) >> UInt64(bit & 7)
        }
        var word: UInt64 = 0
        var next = bytes.count
        while next > offset {
            next -= 1
            word = word << 8 | UInt64(bytes[next])
        }
        return word >> UInt64(bit & 7)
    }
}
