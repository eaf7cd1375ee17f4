import Foundation
import Readings

/// A file of separated values with a header, plain or compressed by zstd, one column of which is the time.
struct RecordedTable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The file's, without what tells the format.
    let name: String
    let columns: [String]
    let timeColumn: Int
    private let separator: UInt8
    private let lines: [ArraySlice<UInt8>]

    init(path: String) throws {
        name = String(URL(fileURLWithPath: path).lastPathComponent.prefix { $0 != "." })
        let bytes = try RecordedTable.bytes(of: path)
        var lines = bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        guard !lines.isEmpty else { throw Failure(description: "\(path): an empty file") }
        let header = lines.removeFirst()
        separator = header.contains(UInt8(ascii: ";")) ? UInt8(ascii: ";") : UInt8(ascii: ",")
        columns = RecordedTable.cells(of: header, separator)
        guard let time = columns.firstIndex(where: { ["date", "time", "absolute_ms"].contains($0.lowercased()) }) else {
            throw Failure(description: "\(path): no column is called date, time or absolute_ms")
        }
        timeColumn = time
        self.lines = lines
    }

    /// Hands out each line with a time, its cells without quotes and blanks. A line may end before its last columns.
    func forEachLine(_ body: (_ time: Int64, _ cells: [String]) throws -> Void) throws {
        for line in lines {
            let cells = RecordedTable.cells(of: line, separator)
            guard timeColumn < cells.count, cells.count <= columns.count,
                let time = RecordedTable.time(cells[timeColumn])
            else { continue }
            try body(time, cells)
        }
    }

    private static func cells(of line: ArraySlice<UInt8>, _ separator: UInt8) -> [String] {
        line.split(separator: separator, omittingEmptySubsequences: false).map { cell in
            let start = cell.drop(while: isPadding)
            let end = start.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? start.startIndex
            return String(decoding: start[..<end], as: UTF8.self)
        }
    }

    private static func isPadding(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") }

    /// Milliseconds; `2016-01-11 17:30:00`, `2018/10/08 09:21:52` and `14/02/2016 0:10` are taken for UTC.
    static func time(_ text: String) -> Int64? {
        if let milliseconds = Int64(text) { return milliseconds }
        let parts = text.split(whereSeparator: { "-/: T".contains($0) }).compactMap { Int($0) }
        guard parts.count >= 5 else { return nil }
        let yearIsFirst = parts[0] > 31
        let civil = CivilTime(
            year: yearIsFirst ? parts[0] : parts[2], month: parts[1], day: yearIsFirst ? parts[2] : parts[0],
            hour: parts[3], minute: parts[4], second: parts.count > 5 ? parts[5] : 0)
        return civil?.timestamp(secondsEastOfUTC: 0).milliseconds
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard path.hasSuffix(".zst") else { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
        let unpacking = Process()
        unpacking.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        unpacking.arguments = ["zstd", "-dcq", "--", path]
        unpacking.standardInput = FileHandle.nullDevice
        let output = Pipe()
        unpacking.standardOutput = output
        try unpacking.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        unpacking.waitUntilExit()
        guard unpacking.terminationStatus == 0 else {
            throw Failure(description: "\(path): `zstd -dc` failed; is zstd installed?")
        }
        return [UInt8](data)
    }
}
