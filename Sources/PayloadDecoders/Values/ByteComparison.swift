/// Comparing bytes without a call for it, since most are a few.
enum ByteComparison {
    /// Whether the first `count` bytes of `a` are those of `b` from `start` on. False if either has fewer.
    @inline(__always)
    static func areSame(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, from start: Int, count: Int
    ) -> Bool {
        guard count <= a.count, start >= 0, count <= b.count &- start else { return false }
        if count >= 8 {
            var index = 0
            while index &+ 8 <= count {
                if word(a, index) != word(b, start &+ index) { return false }
                index &+= 8
            }
            // The last eight overlap the ones before.
            return word(a, count &- 8) == word(b, start &+ count &- 8)
        }
        for index in 0..<count where a[index] != b[start &+ index] { return false }
        return true
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    }
}
