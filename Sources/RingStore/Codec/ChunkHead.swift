/// What the head of a chunk says, parsed once: whoever asks for several columns, or asks again, need not go through its
/// table each time.
final class ChunkHead: Sendable {
    struct Column: Sendable {
        /// Its bytes in the body.
        var body: Range<Int>
        /// The value that all rows have, if the column has no bytes.
        var constant: Double?
        var zone: Zone?
    }

    let header: Chunk.Header
    /// Where the time column is.
    let times: Range<Int>
    let columns: [Column]

    /// Of a head whose checksum was checked, or that never left this process. `bytes` need not go beyond the head.
    init(_ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header) throws(DamagedBytes) {
        self.header = header
        times = try Chunk.timePlace(bytes, header)
        var columns: [Column] = []
        columns.reserveCapacity(header.columns)
        try Chunk.forEachPlace(bytes, header) { body, zone throws(DamagedBytes) in
            var ahead = zone
            columns.append(
                Column(
                    body: body, constant: body.isEmpty ? try ZoneRecord.constant(&ahead) : nil,
                    zone: try ZoneRecord.zone(&zone, rows: header.rows)))
        }
        self.columns = columns
    }

    /// What the object and its list of columns take.
    var memoryBytes: Int { 160 + columns.count * MemoryLayout<Column>.stride }

    func column(_ column: Int) throws(DamagedBytes) -> Column {
        guard columns.indices.contains(column) else { throw DamagedBytes("column") }
        return columns[column]
    }

    /// The column that has the values of `column`: itself, or the one that it is the twin of.
    func original(_ column: Int, _ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> Column {
        let own = try self.column(column)
        guard own.body.count == 2, own.body.upperBound <= bytes.count,
            bytes[own.body.lowerBound] == ValueColumn.Codec.twin.rawValue
        else { return own }
        let twin = Int(bytes[own.body.lowerBound + 1])
        guard twin < column else { throw DamagedBytes("twin") }
        return try self.column(twin)
    }
}
