/// A run of rows of one group, encoded: the unit in which readings are kept, read and lost. FORMAT.md has the bytes.
///
/// A head (who, when, how much, and a zone for each column) with a checksum of its own, then a body with the columns: what the
/// head says can be trusted without reading the body.
enum Chunk {
    static let mostRows = 4096
    /// Rows that wait unencoded before they become a chunk: more would take more memory than they save.
    static let mostOpenRows = 1024
    static let mostColumns = 64
    static let version: UInt8 = 4
    static let magic: UInt8 = 0x51
    /// The part of the head that all chunks have.
    static let fixedBytes = 17
    /// No chunk is shorter.
    static let leastBytes = 24
    /// No head is longer: 48 bytes before the columns, and for each of them 5 of length and 49 of zone.
    static let mostHeadBytes = 48 + mostColumns * 54
    /// Below so many rows there are no zones: they would be larger than what they save.
    static let leastZoneRows = 64
    /// Above what 4,096 rows of 64 raw columns take: no length beyond it is believed.
    static let mostBytes = 1 << 22

    /// What a chunk's head tells.
    struct Header: Sendable {
        var length: Int
        var key: GroupKey
        var rows: Int
        var columns: Int
        var flags: Flags
        var firstTime: Int64
        var lastTime: Int64
        /// Where the head ends and the time column begins.
        var headBytes: Int
        /// Where the table of columns stands.
        fileprivate var table: Int
    }

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// In a checkpoint: rows of a block that is not full, to be taken up again.
        static let open = Flags(rawValue: 1)
    }

    /// Parses the head of the chunk that `bytes` begins with, and checks both checksums: all of it can be trusted then.
    static func header(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        let header = try head(bytes)
        guard header.length <= bytes.count else { throw DamagedBytes("too short") }
        let crc = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[header.headBytes..<header.length])) == crc else {
            throw DamagedBytes("chunk checksum")
        }
        return header
    }

    /// Parses the head and checks its checksum, but not the columns'. `bytes` need not go beyond the head, which is never
    /// longer than `mostHeadBytes`.
    static func head(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        let header = try parse(bytes)
        let crc = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        guard CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[4..<header.headBytes])) == crc else {
            throw DamagedBytes("chunk head checksum")
        }
        return header
    }

    /// The header, for bytes that were checked before or never left this process.
    static func uncheckedHeader(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        let header = try parse(bytes)
        guard header.length <= bytes.count else { throw DamagedBytes("too short") }
        return header
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Header {
        guard bytes.count >= leastBytes, bytes[8] == magic, bytes[9] == version else {
            throw DamagedBytes("chunk magic")
        }
        let headBytes = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt16.self)))
        var reader = try ByteReader(bytes, from: fixedBytes, to: headBytes)
        let eighths = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 14, as: UInt16.self)))
        let length = 8 * (eighths | Int(bytes[16]) << 16)
        let key = try reader.varint()
        let rows = try reader.varint()
        let first = try reader.signedVarint()
        let (last, overflow) = first.addingReportingOverflow(unsigned: try reader.varint())
        guard length <= mostBytes, headBytes <= length, key <= UInt64(UInt32.max),
            (1...UInt64(mostRows)).contains(rows), (1...mostColumns).contains(Int(bytes[11])), !overflow
        else { throw DamagedBytes("chunk head") }
        return Header(
            length: length, key: GroupKey(raw: UInt32(key)), rows: Int(rows), columns: Int(bytes[11]),
            flags: Flags(rawValue: bytes[10]), firstTime: first, lastTime: last, headBytes: headBytes,
            table: reader.position)
    }

    /// What the head says of the column `column`; nil if the column must be read. The head must have been checked.
    static func zone(_ bytes: UnsafeRawBufferPointer, _ header: Header, column: Int) throws(DamagedBytes) -> Zone? {
        var place = try place(bytes, header, column: column)
        return try ZoneRecord.zone(&place.zone, rows: header.rows)
    }

    /// Where a column is.
    struct ColumnPlace {
        /// Its bytes in the body.
        var body: Range<Int>
        /// At its zone.
        var zone: ByteReader
    }

    static func place(
        _ bytes: UnsafeRawBufferPointer, _ header: Header, column: Int
    ) throws(DamagedBytes) -> ColumnPlace {
        guard column >= 0, column < header.columns else { throw DamagedBytes("column") }
        var reader = try ByteReader(bytes, from: header.table, to: header.headBytes)
        var offset = try advance(header.headBytes, &reader, header)
        for _ in 0..<column {
            offset = try advance(offset, &reader, header)
            try ZoneRecord.skip(&reader)
        }
        let end = try advance(offset, &reader, header)
        return ColumnPlace(body: offset..<end, zone: reader)
    }

    /// Hands every column's place in the body over, with a reader at its zone, which `body` must read past.
    static func forEachPlace(
        _ bytes: UnsafeRawBufferPointer, _ header: Header,
        _ body: (Range<Int>, inout ByteReader) throws(DamagedBytes) -> Void
    ) throws(DamagedBytes) {
        var reader = try ByteReader(bytes, from: header.table, to: header.headBytes)
        var offset = try advance(header.headBytes, &reader, header)
        for _ in 0..<header.columns {
            let end = try advance(offset, &reader, header)
            try body(offset..<end, &reader)
            offset = end
        }
    }

    /// Where the time column is.
    static func timePlace(_ bytes: UnsafeRawBufferPointer, _ header: Header) throws(DamagedBytes) -> Range<Int> {
        var reader = try ByteReader(bytes, from: header.table, to: header.headBytes)
        return header.headBytes..<(try advance(header.headBytes, &reader, header))
    }

    @inline(__always)
    private static func advance(
        _ offset: Int, _ reader: inout ByteReader, _ header: Header
    ) throws(DamagedBytes) -> Int {
        let length = try reader.varint()
        guard length <= UInt64(header.length - offset) else { throw DamagedBytes("column length") }
        return offset + Int(length)
    }
}

extension Int64 {
    fileprivate func addingReportingOverflow(unsigned other: UInt64) -> (Int64, Bool) {
        let sum = self &+ Int64(bitPattern: other)
        return (sum, sum < self)
    }
}
