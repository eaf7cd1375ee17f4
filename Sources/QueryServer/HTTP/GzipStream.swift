import CZlib
import NIOCore

/// Makes gzip (RFC 1952) of bytes as they come, by zlib.
///
/// `@unchecked Sendable`: it belongs to the one task that writes an answer.
final class GzipStream: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "zlib cannot compress the answer (\(code)); ask without Accept-Encoding: gzip" }
    }

    /// As little work as possible: text of numbers becomes a fifth even so.
    private static let level: Int32 = 1
    /// The largest window, and a header of gzip instead of zlib's own.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8
    private static let pieceBytes = 16 << 10

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() throws(Failure) {
        stream.initialize(to: z_stream())
        let code = deflateInit2_(
            stream, GzipStream.level, Z_DEFLATED, GzipStream.windowBits, GzipStream.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw Failure(code: code) }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// What `bytes` add; may be nothing yet.
    func add(_ bytes: ByteBuffer) throws(Failure) -> ByteBuffer { try deflate(bytes, Z_NO_FLUSH) }

    /// What is left. Nothing may be added afterwards.
    func end() throws(Failure) -> ByteBuffer { try deflate(ByteBuffer(), Z_FINISH) }

    private func deflate(_ bytes: ByteBuffer, _ flush: Int32) throws(Failure) -> ByteBuffer {
        var out = ByteBuffer()
        var code = Z_OK
        // zlib reads what it is handed and does not write there, whatever its types say.
        bytes.withUnsafeReadableBytes { input in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                out.writeWithUnsafeMutableBytes(minimumWritableBytes: GzipStream.pieceBytes) { room in
                    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(room.count)
                    code = CZlib.deflate(stream, flush)
                    return room.count - Int(stream.pointee.avail_out)
                }
                // Room that is left over means that there was nothing more to write.
            } while code == Z_OK && stream.pointee.avail_out == 0
        }
        // With nothing to read and nothing to write it says that it could do nothing.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw Failure(code: code) }
        return out
    }
}
