import Foundation
import Readings
import RingStore

/// What readings take on disk, counted from the outside: from the files, by the page that describes their format.
///
/// Counted are the chunks of sealed segments of raw readings, their entries in the index, the headers of these segments
/// (as a share, where others' chunks are in the same segment), and the records of the catalogue in both of its copies.
/// Not counted is what is preallocated and holds nothing: it is there however many readings there are.
struct SealedBytes {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var segments = 0
    private(set) var readings = 0
    private(set) var chunks = 0
    private(set) var rows = 0
    private(set) var chunkBytes = 0
    /// Chunks, index entries and headers.
    private(set) var segmentBytesUsed = 0.0
    private(set) var catalogueBytes = 0
    /// Of segments with other contents than raw readings: tiers.
    private(set) var otherBytes = 0
    let segmentBytes: UInt32

    var bytes: Double { segmentBytesUsed + Double(catalogueBytes) }
    var bytesPerReading: Double { readings == 0 ? 0 : bytes / Double(readings) }

    /// Of them what is not chunks.
    var overheadPerReading: Double {
        readings == 0 ? 0 : (segmentBytesUsed - Double(chunkBytes)) / Double(readings)
    }
    var cataloguePerReading: Double { readings == 0 ? 0 : Double(catalogueBytes) / Double(readings) }

    var otherPerReading: Double { readings == 0 ? 0 : Double(otherBytes) / Double(readings) }

    private static let headerBytes = 128
    private static let entryBytes = 32
    /// What a segment's header calls its content.
    private static let rawReadings: UInt8 = 1

    /// Reads the store in `path`, of which no segment was evicted yet. The series `filler` has a group of its own, which
    /// is not counted.
    init(path: String, leavingOut filler: SeriesRef?) throws {
        let superblock = try SealedBytes.file(path + "/super")
        guard superblock.count >= 64, superblock.u64(0) == 0x3145_524F_5453_5451 else {
            throw Failure(description: "\(path)/super is not of a format that the benchmark knows")
        }
        segmentBytes = superblock.u32(32)
        let pool = try SealedBytes.file(path + "/pool")
        let size = Int(segmentBytes)
        for start in stride(from: 0, through: pool.count - size, by: size) {
            let segment = pool[start..<(start + size)]
            guard segment.u32(0) == 0x3153_4C51 else { continue }
            try add(Data(segment), fillerGroup: filler.map { $0.index << 2 | 1 })
        }
        let catalogue = try SealedBytes.file(path + "/catalogue")
        for page in stride(from: 0, through: catalogue.count - 8192, by: 8192)
        where catalogue[page...].u32(4) == 0x3143_4C51 {
            catalogueBytes += 24 + Int(catalogue[page...].u32(20))
        }
    }

    private mutating func add(_ segment: Data, fillerGroup: UInt32?) throws {
        let entries = Int(segment.u32(56))
        let index = Int(segment.u32(60))
        guard index + entries * SealedBytes.entryBytes + SealedBytes.headerBytes <= segment.count else {
            throw Failure(description: "a segment's index does not lie where the benchmark expects it")
        }
        var own = 0
        var others = 0
        var fillerRows = 0
        var ownChunks = 0
        var ownRows = 0
        for number in 0..<entries {
            let entry = index + number * SealedBytes.entryBytes
            let bytes = Int(segment.u32(entry + 8)) + SealedBytes.entryBytes
            if segment.u32(entry) == fillerGroup {
                others += bytes
                fillerRows += Int(segment.u16(entry + 12))
            } else {
                own += bytes
                ownChunks += 1
                ownRows += Int(segment.u16(entry + 12))
            }
        }
        guard own > 0 else { return }
        guard segment[70] == SealedBytes.rawReadings else {
            otherBytes += own
            return
        }
        segments += 1
        chunkBytes += own - ownChunks * SealedBytes.entryBytes
        rows += ownRows
        chunks += ownChunks
        readings += Int(segment.u64(48)) - fillerRows
        segmentBytesUsed += Double(own) * (1 + 2 * Double(SealedBytes.headerBytes) / Double(own + others))
    }

    private static func file(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    }
}

extension Data {
    fileprivate func u16(_ offset: Int) -> UInt16 { number(offset) }
    fileprivate func u32(_ offset: Int) -> UInt32 { number(offset) }
    fileprivate func u64(_ offset: Int) -> UInt64 { number(offset) }

    private func number<Number: FixedWidthInteger>(_ offset: Int) -> Number {
        var value: Number = 0
        for byte in stride(from: MemoryLayout<Number>.size - 1, through: 0, by: -1) {
            value = value << 8 | Number(self[startIndex + offset + byte])
        }
        return value
    }
}
