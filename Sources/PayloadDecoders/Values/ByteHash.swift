/// A hash of bytes for tables that devices fill: quick for a few dozen bytes, and secret, so that nobody can make keys that
/// collide.
struct ByteHash: Sendable {
    private let seed = UInt64.random(in: .min ... .max)

    /// Eight bytes at a time, each folded in by a product of 128 bits (as in Wang Yi's wyhash).
    @inline(__always)
    func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            hash = ByteHash.fold(hash, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        if index == bytes.count { return hash }
        // The last eight may overlap the ones before.
        if bytes.count >= 8 {
            return ByteHash.fold(hash, bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self))
        }
        var word: UInt64 = 0
        for byte in bytes { word = word << 8 | UInt64(byte) }
        return ByteHash.fold(hash, word)
    }

    @inline(__always)
    private static func fold(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
