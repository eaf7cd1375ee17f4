/// One piece of a backup on its way: bytes of a file, the length of a file, or the end.
///
/// `u32 magic "QBK1"`, `u32 crc` of what follows, `u8 kind`, `u8 length of the name`, `u16 0`, `u64 offset` (or length of the
/// file, or number of records before the end), `u32 bytes`, name, bytes.
enum BackupRecord {
    case bytes(file: String, offset: UInt64, [UInt8])
    case length(file: String, UInt64)
    /// After so many records. Without it the backup was broken off.
    case end(count: UInt64)

    static let magic: UInt32 = 0x314B_4251  // "QBK1"
    static let headerBytes = 28
    /// Larger pieces are divided.
    static let mostBytes = 256 << 10

    func append(to out: inout ByteWriter) {
        let start = out.count
        out.append(BackupRecord.magic)
        out.append(UInt32(0))
        switch self {
        case .bytes(let file, let offset, let bytes): BackupRecord.append(1, file, offset, bytes, to: &out)
        case .length(let file, let length): BackupRecord.append(2, file, length, [], to: &out)
        case .end(let count): BackupRecord.append(3, "", count, [], to: &out)
        }
        out.set(CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + 8)...])), at: start + 4)
    }

    private static func append(
        _ kind: UInt8, _ name: String, _ number: UInt64, _ bytes: [UInt8], to out: inout ByteWriter
    ) {
        out.append(kind)
        out.append(UInt8(name.utf8.count))
        out.append(UInt16(0))
        out.append(number)
        out.append(UInt32(bytes.count))
        out.append(UInt32(0))
        out.append(Array(name.utf8))
        out.append(bytes)
    }

    /// The record that `bytes` begins with and how long it is; nil if it is not all there yet.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(DamagedBytes) -> (record: BackupRecord, length: Int)? {
        guard bytes.count >= headerBytes else { return nil }
        var reader = ByteReader(bytes)
        guard try reader.integer(UInt32.self) == magic else { throw DamagedBytes("backup record") }
        let crc = try reader.integer(UInt32.self)
        let kind = try reader.integer(UInt8.self)
        let nameBytes = Int(try reader.integer(UInt8.self))
        _ = try reader.integer(UInt16.self)
        let number = try reader.integer(UInt64.self)
        let count = Int(try reader.integer(UInt32.self))
        _ = try reader.integer(UInt32.self)
        guard count <= mostBytes else { throw DamagedBytes("backup record") }
        let length = headerBytes + nameBytes + count
        guard bytes.count >= length else { return nil }
        guard CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[8..<length])) == crc else {
            throw DamagedBytes("backup checksum")
        }
        let name = String(decoding: bytes[headerBytes..<(headerBytes + nameBytes)], as: UTF8.self)
        let content = [UInt8](bytes[(headerBytes + nameBytes)..<length])
        switch kind {
        case 1: return (.bytes(file: name, offset: number, content), length)
        case 2: return (.length(file: name, number), length)
        case 3: return (.end(count: number), length)
        default: throw DamagedBytes("backup record")
        }
    }
}
