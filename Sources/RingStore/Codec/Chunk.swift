/// A run of rows of one group, encoded: the unit in which readings are kept, read and lost. FORMAT.md has the bytes.
enum Chunk {
    static let mostRows = 1024
    static let mostColumns = 64
    static let headerBytes = 40
    static let columnBytes = 8
    static let version: UInt8 = 1
    static let magic: UInt16 = 0x5143
    /// Zeros at the end, so that a load of eight bytes at any packed bit stays within the chunk.
    static let slack = 8
    /// Far above what 1,024 rows of 64 raw columns take: no length beyond it is believed.
    static let mostBytes = 1 << 20

    /// What a chunk's header tells.
    struct Header: Sendable {
        var length: Int
        var key: GroupKey
        var rows: Int
        var columns: Int
        var flags: Flags
        var firstTime: Int64
        var lastTime: Int64
    }

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// In a checkpoint: rows of a block that is not full, to be taken up again.
        static let open = Flags(rawValue: 1)
    }

    /// Parses the header of the chunk that `bytes` begins with, and checks the whole chunk's CRC.
    static func header(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        let header = try uncheckedHeader(bytes)
        let crc = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        guard CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[4..<header.length])) == crc else {
            throw DamagedBytes("chunk checksum")
        }
        return header
    }

    /// The header, for bytes that were checked before or never left this process.
    static func uncheckedHeader(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        var reader = ByteReader(bytes)
        _ = try reader.integer(UInt32.self)
        let length = Int(try reader.integer(UInt32.self))
        let key = GroupKey(raw: try reader.integer())
        let rows = Int(try reader.integer(UInt16.self))
        let columns = Int(try reader.integer(UInt16.self))
        let magic = try reader.integer(UInt16.self)
        let version = try reader.integer(UInt8.self)
        let flags = Flags(rawValue: try reader.integer())
        let first = try reader.integer(Int64.self)
        let last = try reader.integer(Int64.self)
        guard magic == Chunk.magic, version == Chunk.version else { throw DamagedBytes("chunk magic") }
        guard length <= bytes.count, length <= mostBytes, length % 8 == 0, (1...mostRows).contains(rows),
            (1...mostColumns).contains(columns), first <= last, key.kind != nil,
            headerBytes + columns * columnBytes + slack <= length
        else { throw DamagedBytes("chunk header") }
        return Header(
            length: length, key: key, rows: rows, columns: columns, flags: flags, firstTime: first, lastTime: last)
    }
}
