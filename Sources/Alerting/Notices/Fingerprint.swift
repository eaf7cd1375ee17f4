/// FNV-1a with 64 bits (Fowler, Noll, Vo): the same on every machine and after every restart, unlike Swift's `Hasher`.
enum Fingerprint {
    static func of(_ texts: some Sequence<String>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            // No text has this byte, so that "ab","c" and "a","bc" differ.
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return hash
    }

    /// Sixteen hexadecimal digits.
    static func hexadecimal(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
