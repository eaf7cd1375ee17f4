import Foundation

/// Shell patterns of file names.
public enum FilePattern {
    /// The files that `pattern` names, sorted; none if there are none. Blocking.
    public static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }
}
