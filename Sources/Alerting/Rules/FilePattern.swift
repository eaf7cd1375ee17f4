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

    /// The files that the patterns name, each once, in order. A name without `*` counts even if there is no such file, so
    /// that its absence is reported. Blocking.
    public static func files(_ patterns: [String]) -> [String] {
        var found: [String] = []
        for pattern in patterns {
            let paths = matches(pattern)
            let isLiteral = !pattern.contains { "*?[".contains($0) }
            for path in paths.isEmpty && isLiteral ? [pattern] : paths where !found.contains(path) {
                found.append(path)
            }
        }
        return found
    }
}
