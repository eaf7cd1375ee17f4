/// Bytes that grow: where frames, chunks and pages are put together. Little-endian throughout.
struct ByteWriter: ~Copyable {
    private(set) var count = 0
    private(set) var capacity: Int
    private var base: UnsafeMutableRawPointer

    init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() { count = 0 }

    /// Takes back what was written after `count` was `length`.
    mutating func truncate(to length: Int) { count = min(count, length) }

    @inline(__always)
    mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let larger = max(capacity * 2, count + additional)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    mutating func append<T: FixedWidthInteger>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        (base + count).storeBytes(of: value.littleEndian, as: T.self)
        count += MemoryLayout<T>.size
    }

    @inline(__always)
    mutating func append(_ value: Double) { append(value.bitPattern) }

    /// LEB128: seven bits a byte, the lowest first.
    @inline(__always)
    mutating func appendVarint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            (base + count).storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            count += 1
            rest >>= 7
        }
        (base + count).storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        count += 1
    }

    @inline(__always)
    mutating func appendSignedVarint(_ value: Int64) { appendVarint(value.zigzag) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    mutating func appendText(_ text: String) {
        let utf8 = Array(text.utf8)
        appendVarint(UInt64(utf8.count))
        append(utf8)
    }

    mutating func appendZeros(_ zeros: Int) {
        guard zeros > 0 else { return }
        reserve(zeros)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
        count += zeros
    }

    /// Zeros up to the next multiple of `alignment`.
    mutating func pad(to alignment: Int) {
        appendZeros((alignment - count % alignment) % alignment)
    }

    /// Puts what stands from `offset` on in the place of what stands from `place` on.
    mutating func moveTail(from offset: Int, to place: Int) {
        precondition(place >= 0 && place <= offset && offset <= count)
        (base + place).copyMemory(from: base + offset, byteCount: count - offset)
        count -= offset - place
    }

    /// Overwrites what stands at `offset`, which must have been written before.
    mutating func set<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
        (base + offset).storeBytes(of: value.littleEndian, as: T.self)
    }

    /// Room for `size` bytes at the end, to be filled by `body`.
    @inline(__always)
    mutating func appendFilled(_ size: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
        reserve(size)
        body(base + count)
        count += size
    }
}

extension Int64 {
    /// Small magnitudes become small unsigned numbers: 0, −1, 1, −2 … as 0, 1, 2, 3 …
    @inline(__always)
    var zigzag: UInt64 { UInt64(bitPattern: (self << 1) ^ (self >> 63)) }

    @inline(__always)
    init(zigzag: UInt64) {
        self = Int64(bitPattern: (zigzag >> 1) ^ (0 &- (zigzag & 1)))
    }
}
