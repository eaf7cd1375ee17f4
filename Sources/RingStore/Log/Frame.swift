/// One write to the log: a header of 64 bytes and a payload, padded with zeros to whole blocks.
///
/// A frame never shares a block with another one, so that writing it puts nothing at risk that is acknowledged.
enum Frame {
    static let headerBytes = 64
    /// What a device writes at once, at least: neighbouring frames never share one.
    static let block = 4096
    static let magic: UInt32 = 0x3146_4C51  // "QLF1"

    enum Kind: UInt8, Sendable {
        /// Registrations, rows, and message identities, in the order of arrival.
        case readings = 1
        /// Chunks of the head, written for a checkpoint.
        case headChunks = 2
        /// Makes the segments it names, the head chunks before it, and readings in some frames before it, the state from which
        /// a restart begins.
        case checkpoint = 3
        /// Says nothing by itself: that it holds settles what of the frames before it holds.
        case mark = 4
        /// What buckets come to of which readings are gone, written for a checkpoint.
        case amendments = 5

        /// Whether it says something only as a part of the checkpoint behind it.
        var isPart: Bool { self == .headChunks || self == .amendments }
    }

    struct Header: Sendable {
        var store: UInt64
        /// Rises by one with each frame that is tried.
        var sequence: UInt64
        /// The last frame before this one that holds; those between were given up after a failed write.
        var previous: UInt64
        /// The checkpoint in force.
        var base: UInt64
        /// The first frame that this checkpoint needs.
        var first: UInt64
        var payloadBytes: Int
        var payloadCRC: UInt32
        var kind: Kind

        /// Header, payload and padding.
        var bytes: UInt64 { Frame.bytes(payload: payloadBytes) }
    }

    /// What a frame with `payload` bytes takes of the log.
    static func bytes(payload: Int) -> UInt64 {
        UInt64((headerBytes + payload + block - 1) / block * block)
    }

    /// Begins a frame: leaves room for its header.
    static func begin(_ frame: inout ByteWriter) {
        frame.removeAll()
        frame.appendZeros(headerBytes)
    }

    /// Finishes the frame that `begin(_:)` began: pads it, and writes its header.
    static func finish(
        _ frame: inout ByteWriter, payloadBytes: Int, store: UInt64, sequence: UInt64, previous: UInt64, base: UInt64,
        first: UInt64, kind: Kind
    ) {
        frame.truncate(to: headerBytes + payloadBytes)
        let crc = CRC32C.of(UnsafeRawBufferPointer(rebasing: frame.bytes[headerBytes...]))
        frame.pad(to: block)
        frame.set(magic, at: 0)
        frame.set(store, at: 8)
        frame.set(sequence, at: 16)
        frame.set(previous, at: 24)
        frame.set(base, at: 32)
        frame.set(UInt32(payloadBytes), at: 40)
        frame.set(crc, at: 44)
        frame.set(kind.rawValue, at: 48)
        frame.set(first, at: 56)
        frame.set(CRC32C.of(UnsafeRawBufferPointer(rebasing: frame.bytes[8..<headerBytes])), at: 4)
    }

    /// The header that `bytes` begins with; nil if there is none, or it is damaged, or it is another store's.
    static func header(_ bytes: UnsafeRawBufferPointer, store: UInt64) -> Header? {
        guard bytes.count >= headerBytes else { return nil }
        func load<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
            T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
        guard load(0, UInt32.self) == magic, load(8, UInt64.self) == store,
            load(4, UInt32.self) == CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[8..<headerBytes])),
            let kind = Kind(rawValue: bytes[48])
        else { return nil }
        return Header(
            store: store, sequence: load(16, UInt64.self), previous: load(24, UInt64.self),
            base: load(32, UInt64.self), first: load(56, UInt64.self), payloadBytes: Int(load(40, UInt32.self)),
            payloadCRC: load(44, UInt32.self), kind: kind)
    }
}
