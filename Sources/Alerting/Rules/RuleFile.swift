import Foundation

/// A Prometheus rule file that has been read and checked.
public struct RuleFile: Sendable {
    /// Where the file was read from.
    public let path: String
    /// In the file's order.
    public let groups: [RuleGroup]
    /// The same beside another file that brings what rules of silence share; nil if this one brings nothing of it.
    let groupsBesideSilence: [RuleGroup]?
    /// What is allowed and yet probably not meant, each with its place.
    public let warnings: [String]
    /// What stands in it.
    let text: String

    /// Larger files are refused unread.
    public static let maximumBytes = 8 << 20
    /// The most rules in one file; YAML's aliases could make any number of a few lines.
    public static let maximumRules = 100_000

    /// Reads the rules in `text`.
    /// - Parameter ignoresUnknownKeys: whether a key that is not known is passed over, as newer files may have them.
    /// - Throws: `RuleFileErrors` with all mistakes, each with file, line, column and key.
    public static func parse(
        _ text: String, path: String, ignoresUnknownKeys: Bool = false
    ) throws(RuleFileErrors) -> RuleFile {
        var parser = RuleFileParser(path: path, ignoresUnknownKeys: ignoresUnknownKeys)
        return try parser.parse(text)
    }

    /// Reads the file at `path`. Blocking.
    /// - Throws: `RuleFileErrors`, also if the file can't be read.
    public static func read(_ path: String, ignoresUnknownKeys: Bool = false) throws(RuleFileErrors) -> RuleFile {
        let text = try text(of: path)
        return try parse(text, path: path, ignoresUnknownKeys: ignoresUnknownKeys)
    }

    /// What stands in the file at `path`. Blocking.
    /// - Throws: `RuleFileErrors` if the file is too large or can't be read.
    package static func text(of path: String) throws(RuleFileErrors) -> String {
        do {
            let url = URL(filePath: path)
            let values = try url.resourceValues(forKeys: [.fileSizeKey, .isDirectoryKey])
            guard values.isDirectory != true else {
                throw RuleFileError(
                    file: path, message: "it is a directory, where a rule file should be",
                    vietnamese: "đây là thư mục, không phải tệp quy tắc")
            }
            let size = values.fileSize ?? 0
            guard size <= maximumBytes else {
                throw RuleFileError(
                    file: path, message: "the file is larger than \(maximumBytes) bytes; divide it",
                    vietnamese: "tệp lớn hơn \(maximumBytes) byte; hãy chia nhỏ tệp")
            }
            return try String(contentsOf: url, encoding: .utf8)
        } catch {
            let mistake =
                error as? RuleFileError
                ?? RuleFileError(
                    file: path, message: "the file can't be read: \(error.localizedDescription)",
                    vietnamese: "không đọc được tệp: \(error.localizedDescription)")
            throw RuleFileErrors(errors: [mistake])
        }
    }
}
