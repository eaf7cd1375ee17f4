import Foundation

/// Cuts a file of readings into parts of whole records; memory is that of a part.
struct ImportReader {
    struct Part {
        /// `jsonl` or `csv`
        var format: String
        /// The number of its first line in the file, for messages
        var firstLine: Int
        var bytes: [UInt8]
    }

    /// Of a part, about: small enough that progress shows.
    private static let partBytes = 1 << 20
    /// A record that is longer is sent as it is, and the daemon says what is wrong with it.
    private static let longestRecord = 16 << 20

    /// Nil where it cannot be known.
    let totalBytes: UInt64?
    private(set) var bytesRead: UInt64 = 0
    private let path: String
    private let handle: FileHandle
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var isCSV: Bool?
    /// Repeated before each part but the first.
    private var header: [UInt8] = []
    private var line = 1

    init(path: String, isCSV: Bool?) throws(ClientError) {
        self.path = path
        self.isCSV = isCSV
        if path == "-" {
            handle = .standardInput
            totalBytes = nil
            return
        }
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw .isDirectory(path: path)
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .fileUnreadable(path: path, reason: String(cString: strerror(errno)))
        }
        self.handle = handle
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? UInt64
        totalBytes = size
    }

    /// The next part; nil at the end.
    mutating func next() throws(ClientError) -> Part? {
        while !isAtEnd,
            rest.count < ImportReader.partBytes || end(of: rest) == nil && rest.count < ImportReader.longestRecord
        {
            try read()
        }
        guard !rest.isEmpty else { return nil }
        if isCSV == nil { isCSV = rest.first { !$0.isBlank } != UInt8(ascii: "{") }
        let count = isAtEnd ? rest.count : end(of: rest) ?? rest.count
        let records = Array(rest[..<count])
        rest.removeFirst(count)
        let part = Part(
            format: isCSV == true ? "csv" : "jsonl", firstLine: header.isEmpty ? line : line - 1,
            bytes: header + records)
        line += records.count { $0 == 0x0A }
        if isCSV == true, header.isEmpty, let end = records.firstIndex(of: 0x0A) { header = Array(records[...end]) }
        return part
    }

    private mutating func read() throws(ClientError) {
        do {
            guard let data = try handle.read(upToCount: 256 << 10), !data.isEmpty else {
                isAtEnd = true
                return
            }
            rest += data
            bytesRead += UInt64(data.count)
        } catch {
            throw .fileUnreadable(path: path, reason: "\(error.localizedDescription)")
        }
    }

    /// Behind the last line break that ends a record: one between quotes does not.
    private func end(of bytes: [UInt8]) -> Int? {
        guard isCSV != false else { return bytes.lastIndex(of: 0x0A).map { $0 + 1 } }
        var isQuoted = false
        var end: Int?
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == 0x0A, !isQuoted { end = index + 1 }
        }
        return end
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
