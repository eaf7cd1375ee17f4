import Foundation

/// A rule file as the reader found it.
public struct RuleFileResult: Sendable {
    /// The file's path, by which its rules are known at the next load.
    public let path: String
    /// Its rules or its mistakes.
    public let result: Result<RuleFile, RuleFileErrors>
    /// Whether it could not be read because there is none: its former rules are not wanted any more.
    public let isAbsent: Bool

    public init(path: String, result: Result<RuleFile, RuleFileErrors>, isAbsent: Bool = false) {
        self.path = path
        self.result = result
        self.isAbsent = isAbsent
    }

    /// Reads and checks the file at `path`. Blocking.
    public init(reading path: String) {
        do {
            self.init(path: path, result: .success(try RuleFile.read(path)))
        } catch {
            self.init(path: path, result: .failure(error), isAbsent: !FileManager.default.fileExists(atPath: path))
        }
    }
}
