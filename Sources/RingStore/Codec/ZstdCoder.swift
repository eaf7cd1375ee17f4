import CZstd

/// Whole numbers through zstd: for streams in which longer patterns come again, as averages of few distinct readings have.
///
/// Bytes: varint length of a zstd frame. It holds the numbers as bytes if all are below 256, else as varints: `u8` 0 or 1
/// stands before the frame.
enum ZstdCoder {
    /// Nil if zstd cannot.
    static func append(
        _ values: UnsafeBufferPointer<UInt64>, _ scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Bool {
        guard values.count <= Chunk.mostRows, let source = scratch.symbols.baseAddress else { return false }
        var all: UInt64 = 0
        for value in values { all |= value }
        let wide = all > 0xff
        var length = 0
        if wide {
            for value in values {
                var rest = value
                while rest >= 0x80 {
                    source[length] = UInt8(truncatingIfNeeded: rest) | 0x80
                    length += 1
                    rest >>= 7
                }
                source[length] = UInt8(truncatingIfNeeded: rest)
                length += 1
            }
        } else {
            for value in values {
                source[length] = UInt8(truncatingIfNeeded: value)
                length += 1
            }
        }
        guard let written = scratch.zstd.compress(UnsafeRawBufferPointer(start: source, count: length))
        else { return false }
        out.append(UInt8(wide ? 1 : 0))
        out.appendVarint(UInt64(written.count))
        out.append(written)
        return true
    }

    /// Reads `out.count` numbers.
    static func decode(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        let wide = try reader.integer(UInt8.self)
        let frame = try reader.slice(try reader.count(leastBytes: 1))
        guard wide <= 1,
            let bytes = scratch.zstd.decompress(frame, into: UnsafeMutableRawBufferPointer(scratch.symbols))
        else { throw DamagedBytes("zstd") }
        if wide == 0 {
            guard bytes.count == out.count else { throw DamagedBytes("zstd") }
            for index in out.indices { out[index] = UInt64(bytes[index]) }
        } else {
            var numbers = ByteReader(bytes)
            for index in out.indices { out[index] = try numbers.varint() }
            guard numbers.remaining == 0 else { throw DamagedBytes("zstd") }
        }
    }
}

/// zstd's working memory, made when it is first needed.
final class ZstdContexts {
    private static let level: Int32 = 19
    private var compression: OpaquePointer?
    private var decompression: OpaquePointer?
    private var compressed: UnsafeMutableRawBufferPointer?

    deinit {
        if let compression { ZSTD_freeCCtx(compression) }
        if let decompression { ZSTD_freeDCtx(decompression) }
        compressed?.deallocate()
    }

    /// Valid until the next call. Nil if it did not become smaller, or there is no memory.
    fileprivate func compress(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        if compression == nil { compression = ZSTD_createCCtx() }
        let room = compressed ?? .allocate(byteCount: 10 * Chunk.mostRows, alignment: 16)
        compressed = room
        guard let compression else { return nil }
        // The chunk has its own checksum, and knows its sizes.
        ZSTD_CCtx_setParameter(compression, ZSTD_c_compressionLevel, ZstdContexts.level)
        ZSTD_CCtx_setParameter(compression, ZSTD_c_contentSizeFlag, 0)
        ZSTD_CCtx_setParameter(compression, ZSTD_c_checksumFlag, 0)
        let length = ZSTD_compress2(compression, room.baseAddress, room.count, bytes.baseAddress, bytes.count)
        guard ZSTD_isError(length) == 0, length < bytes.count else { return nil }
        return UnsafeRawBufferPointer(rebasing: room[..<length])
    }

    /// Nil if the bytes are no frame, or hold more than there is room for.
    fileprivate func decompress(
        _ frame: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        if decompression == nil { decompression = ZSTD_createDCtx() }
        guard let decompression else { return nil }
        let length = ZSTD_decompressDCtx(
            decompression, room.baseAddress, room.count, frame.baseAddress, frame.count)
        guard ZSTD_isError(length) == 0, length <= room.count else { return nil }
        return UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: room[..<length]))
    }
}
