/// A page of the catalogue's file: records behind a header, and a checksum over all of it.
///
/// `u32 crc` of the rest of the page, `u32 magic`, `u64 store`, `u32 number`, `u32 length` of the records.
enum CataloguePage {
    static let size = 8192
    static let headerBytes = 24
    static let room = size - headerBytes
    static let magic: UInt32 = 0x3143_4C51  // "QLC1"

    static func make(_ records: UnsafeRawBufferPointer, number: UInt32, store: UInt64, in page: inout ByteWriter) {
        page.removeAll()
        page.append(UInt32(0))
        page.append(magic)
        page.append(store)
        page.append(number)
        page.append(UInt32(records.count))
        page.append(records)
        page.pad(to: size)
        page.set(CRC32C.of(UnsafeRawBufferPointer(rebasing: page.bytes[4..<size])), at: 0)
    }

    enum Content {
        /// Never written.
        case blank
        case damaged
        case records([UInt8])
    }

    static func content(_ page: [UInt8], number: UInt32, store: UInt64) -> Content {
        page.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            guard page.count == size, let crc = try? reader.integer(UInt32.self),
                let magic = try? reader.integer(UInt32.self), let owner = try? reader.integer(UInt64.self),
                let written = try? reader.integer(UInt32.self), let length = try? reader.integer(UInt32.self)
            else { return .damaged }
            if magic == CataloguePage.magic, owner == store, written == number, Int(length) <= room,
                CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[4...])) == crc
            {
                return .records([UInt8](bytes[headerBytes..<(headerBytes + Int(length))]))
            }
            return bytes.allSatisfy { $0 == 0 } ? .blank : .damaged
        }
    }
}
