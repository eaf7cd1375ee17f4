/// Bytes do not say what they should: damaged on the disk, or never written by this code.
struct DamagedBytes: Error {
    let what: StaticString

    init(_ what: StaticString) {
        self.what = what
    }
}

/// Reads what `ByteWriter` wrote, and never beyond its end, whatever the bytes say.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Reads from `position` up to `end`.
    init(_ bytes: UnsafeRawBufferPointer, from position: Int, to end: Int) throws(DamagedBytes) {
        guard position >= 0, position <= end, end <= bytes.count else { throw DamagedBytes("offsets") }
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    var remaining: Int { end - position }

    @inline(__always)
    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(DamagedBytes) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw DamagedBytes("too short") }
        defer { position += MemoryLayout<T>.size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
    }

    @inline(__always)
    mutating func double() throws(DamagedBytes) -> Double {
        Double(bitPattern: try integer(UInt64.self))
    }

    @inline(__always)
    mutating func varint() throws(DamagedBytes) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 64 else { throw DamagedBytes("varint") }
        }
        throw DamagedBytes("too short")
    }

    @inline(__always)
    mutating func signedVarint() throws(DamagedBytes) -> Int64 { Int64(zigzag: try varint()) }

    /// A number of things of which each takes at least `leastBytes`: refuses counts that cannot be true before anything
    /// is allocated for them.
    mutating func count(leastBytes: Int) throws(DamagedBytes) -> Int {
        guard let count = Int(exactly: try varint()), count <= remaining / max(leastBytes, 1) else {
            throw DamagedBytes("count")
        }
        return count
    }

    mutating func slice(_ length: Int) throws(DamagedBytes) -> UnsafeRawBufferPointer {
        guard length >= 0, length <= remaining else { throw DamagedBytes("too short") }
        defer { position += length }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)])
    }

    mutating func text() throws(DamagedBytes) -> String {
        let utf8 = try slice(try count(leastBytes: 1))
        guard let text = String(validating: utf8, as: UTF8.self) else { throw DamagedBytes("UTF-8") }
        return text
    }

    /// The next bytes, from which up to seven more than `length` may be loaded without leaving the memory.
    @inline(__always)
    mutating func sliceWithSlack(_ length: Int) throws(DamagedBytes) -> UnsafeRawPointer {
        guard length >= 0, length <= remaining, position + length + 8 <= bytes.count, let base = bytes.baseAddress
        else {
            throw DamagedBytes("too short")
        }
        defer { position += length }
        return base + position
    }
}
