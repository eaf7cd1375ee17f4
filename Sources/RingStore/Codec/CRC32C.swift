import CChecksum

/// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4): by the processor's instruction (SSE 4.2, ARMv8) where there is
/// one, else by tables, eight bytes a step ("slicing by 8").
enum CRC32C {
    private static let hasInstruction = quantrac_has_crc32c()

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard hasInstruction else { return byTables(bytes) }
        guard let base = bytes.baseAddress else { return 0 }
        return ~quantrac_crc32c(~0, base, bytes.count)
    }

    // Eight tables of 256 entries, never freed: read by every thread, written by none after the first use.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? (remainder >> 1) ^ 0x82F6_3B78 : remainder >> 1
            }
            tables[byte] = remainder
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables[index] = (before >> 8) ^ tables[Int(before & 0xff)]
        }
        return UnsafePointer(tables)
    }()

    /// The same without the instruction.
    static func byTables(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let tables = self.tables
        var crc: UInt32 = ~0
        guard var next = bytes.baseAddress else { return ~crc }
        var left = bytes.count
        while left >= 8 {
            let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
            let low = UInt32(truncatingIfNeeded: word)
            let high = UInt32(truncatingIfNeeded: word >> 32)
            let first = tables[7 * 256 + Int(low & 0xff)] ^ tables[6 * 256 + Int((low >> 8) & 0xff)]
            let second = tables[5 * 256 + Int((low >> 16) & 0xff)] ^ tables[4 * 256 + Int(low >> 24)]
            let third = tables[3 * 256 + Int(high & 0xff)] ^ tables[2 * 256 + Int((high >> 8) & 0xff)]
            let fourth = tables[256 + Int((high >> 16) & 0xff)] ^ tables[Int(high >> 24)]
            crc = first ^ second ^ third ^ fourth
            next += 8
            left -= 8
        }
        while left > 0 {
            crc = (crc >> 8) ^ tables[Int((crc ^ UInt32(next.load(as: UInt8.self))) & 0xff)]
            next += 1
            left -= 1
        }
        return ~crc
    }
}
