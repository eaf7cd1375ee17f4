import Glibc

/// The lines of a file, plain, or unpacked by `gzip` or `zstd` where its name ends in `.gz` or `.zst`.
enum CSVFile {
    /// Reads all lines, without their ends.
    static func lines(of path: String) throws -> [String] {
        let unpacker: String? = path.hasSuffix(".gz") ? "gzip" : path.hasSuffix(".zst") ? "zstd" : nil
        guard access(path, R_OK) == 0 else { throw ReplayError.unreadable(path, String(cString: strerror(errno))) }
        guard let unpacker else {
            guard let file = fopen(path, "re") else {
                throw ReplayError.unreadable(path, String(cString: strerror(errno)))
            }
            defer { fclose(file) }
            return lines(of: file)
        }
        let word = "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
        guard let pipe = popen("\(unpacker) -dc -- \(word)", "re") else {
            throw ReplayError.unreadable(path, String(cString: strerror(errno)))
        }
        let read = lines(of: pipe)
        guard pclose(pipe) == 0 else { throw ReplayError.unpacking(path, unpacker) }
        return read
    }

    private static func lines(of file: UnsafeMutablePointer<FILE>) -> [String] {
        var lines: [String] = []
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count >= 0, let buffer else { return lines }
            var bytes = UnsafeRawBufferPointer(start: buffer, count: count)[...]
            while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
            lines.append(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// The fields of a line, without quotes and blanks around them (RFC 4180, and what spreadsheets make of it).
    static func fields(_ line: String, separator: UInt8) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        func trimmed(_ bytes: [UInt8]) -> String {
            var slice = bytes[...]
            while slice.first == UInt8(ascii: " ") { slice.removeFirst() }
            while slice.last == UInt8(ascii: " ") { slice.removeLast() }
            return String(decoding: slice, as: UTF8.self)
        }
        for byte in line.utf8 {
            switch byte {
            // A quote inside quotes is doubled, which comes out as none: no number has one.
            case UInt8(ascii: "\""): isQuoted.toggle()
            case separator where !isQuoted:
                fields.append(trimmed(field))
                field.removeAll(keepingCapacity: true)
            default: field.append(byte)
            }
        }
        fields.append(trimmed(field))
        return fields
    }

    /// What separates the fields of a head line: the most frequent of comma, semicolon and tab.
    static func separator(of head: String) -> UInt8 {
        let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        return candidates.max { first, second in
            head.utf8.count { $0 == first } < head.utf8.count { $0 == second }
        } ?? UInt8(ascii: ",")
    }
}

/// Why a file can't be replayed.
enum ReplayError: Error, CustomStringConvertible {
    case unreadable(String, String)
    case unpacking(String, String)
    case empty(String)
    case noColumn(String, among: [String])
    case noTime([String])
    case noNumbers(String)
    case nothingToSay(convention: String, columns: [String])
    case badName(String)

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)."
        case .unpacking(let path, let tool): "\(tool) could not unpack \(path): is it installed, and the file whole?"
        case .empty(let path): "\(path) has no rows: a head line and at least one row are needed."
        case .noColumn(let name, let names):
            "there is no column '\(name)'; there are \(names.joined(separator: ", "))."
        case .noTime(let names):
            "no column holds times in its first row: name one with --time-column (\(names.joined(separator: ", ")))."
        case .noNumbers(let path): "\(path) has no column with numbers beside the time."
        case .nothingToSay(let convention, let columns):
            "\(convention) has no place for any of \(columns.joined(separator: ", ")): say what they are with "
                + "--rename COLUMN=temperature and the like, or choose another --convention."
        case .badName(let name): "'\(name)' cannot stand in a topic: it must not be empty nor hold '+', '#' or '/'."
        }
    }
}
