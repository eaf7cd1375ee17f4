/// Who the store is and how large its files are: written when the store is made, when its pool grows, and when a store of an
/// older format is opened.
///
/// Four slots of 4 KiB, all the same; of those that are whole the one with the highest generation counts.
struct Superblock: Hashable, Sendable {
    /// A random number that every frame, page and segment of the store carries.
    var store: UInt64
    var generation: UInt64
    var geometry: StoreGeometry
    /// Which programs understand the files.
    var format = Superblock.version

    static let slotBytes = 4096
    static let slots = 4
    static let fileBytes = slotBytes * slots
    static let magic: UInt64 = 0x3145_524F_5453_5451  // "QTSTORE1"
    /// What this program writes, and the oldest that it reads.
    static let version: UInt16 = 6
    static let oldestVersion: UInt16 = 5
    /// What a disk writes as one, or not at all, unless the power goes.
    static let sectorBytes = 512
    private static let usedBytes = 64

    private func append(to out: inout ByteWriter) {
        let start = out.count
        out.append(Superblock.magic)
        out.append(UInt32(0))
        out.append(format)
        out.append(UInt16(0))
        out.append(store)
        out.append(generation)
        out.append(geometry.segmentBytes)
        out.append(geometry.segmentCount)
        out.append(geometry.logBytes)
        out.append(geometry.catalogueBytes)
        out.appendZeros(Superblock.usedBytes - (out.count - start))
        out.set(
            CRC32C.of(UnsafeRawBufferPointer(rebasing: out.bytes[(start + 12)..<(start + Superblock.usedBytes)])),
            at: start + 8)
        // The end of the sector: a write that was cut short lacks it.
        out.appendZeros(Superblock.sectorBytes - 8 - Superblock.usedBytes)
        out.append(Superblock.magic)
        out.appendZeros(Superblock.slotBytes - Superblock.sectorBytes)
    }

    /// The bytes of a slot.
    var image: [UInt8] {
        var out = ByteWriter(capacity: Superblock.slotBytes)
        append(to: &out)
        return Array(out.bytes)
    }

    enum Slot {
        case blank
        case damaged
        case newer(UInt16)
        case older(UInt16)
        case whole(Superblock)
    }

    static func slot(_ bytes: [UInt8]) -> Slot {
        bytes.withUnsafeBytes { bytes in
            if bytes.allSatisfy({ $0 == 0 }) { return .blank }
            var reader = ByteReader(bytes)
            guard bytes.count == slotBytes, let magic = try? reader.integer(UInt64.self), magic == Superblock.magic,
                let crc = try? reader.integer(UInt32.self), let version = try? reader.integer(UInt16.self),
                (try? reader.integer(UInt16.self)) != nil,
                crc == CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[12..<usedBytes])),
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: sectorBytes - 8, as: UInt64.self)) == magic
            else { return .damaged }
            guard version <= Superblock.version else { return .newer(version) }
            guard version >= Superblock.oldestVersion else { return .older(version) }
            guard let store = try? reader.integer(UInt64.self), let generation = try? reader.integer(UInt64.self),
                let segmentBytes = try? reader.integer(UInt32.self),
                let segmentCount = try? reader.integer(UInt32.self), let logBytes = try? reader.integer(UInt64.self),
                let catalogueBytes = try? reader.integer(UInt64.self)
            else { return .damaged }
            let geometry = StoreGeometry(
                segmentBytes: segmentBytes, segmentCount: segmentCount, logBytes: logBytes,
                catalogueBytes: catalogueBytes)
            guard geometry.isPlausible else { return .damaged }
            return .whole(Superblock(store: store, generation: generation, geometry: geometry, format: version))
        }
    }

    /// Writes all four slots, one after the other, each durable before the next: a crash leaves three whole.
    func write(to file: any StorageFile) throws(FileError) {
        var image = ByteWriter(capacity: Superblock.slotBytes)
        append(to: &image)
        for slot in 0..<Superblock.slots {
            try file.write(image.bytes, at: UInt64(slot * Superblock.slotBytes))
            try file.sync()
        }
    }
}
