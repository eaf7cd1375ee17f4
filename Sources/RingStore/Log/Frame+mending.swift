extension Frame {
    /// The header that `bytes` begins with if one of its bits has flipped; nil if it is none, or has more damage.
    ///
    /// Without its header everything in a frame is lost, and one of head chunks holds as much as a segment. CRC-32C tells any
    /// two headers apart that differ in fewer than six bits (Koopman, "32-Bit Cyclic Redundancy Codes for Internet
    /// Applications", DSN 2002), so that only one header is a single bit away.
    static func mendedHeader(_ bytes: UnsafeRawBufferPointer, store: UInt64) -> Header? {
        guard bytes.count >= headerBytes, mayBeHeader(bytes, store: store) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: headerBytes, alignment: 8) { copy in
            copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<headerBytes]))
            for bit in 0..<(8 * headerBytes) {
                copy[bit / 8] ^= 1 << UInt8(bit % 8)
                if let header = header(UnsafeRawBufferPointer(copy), store: store) { return header }
                copy[bit / 8] ^= 1 << UInt8(bit % 8)
            }
            return nil
        }
    }

    /// A flipped bit is in one of these two only.
    private static func mayBeHeader(_ bytes: UnsafeRawBufferPointer, store: UInt64) -> Bool {
        UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == magic
            || UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) == store
    }
}
