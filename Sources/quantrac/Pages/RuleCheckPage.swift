import Alerting

/// `quantrac rules check`: what is in rule files, and what is wrong with them.
struct RuleCheckPage: Sendable {
    /// What was found in one file.
    struct File: Sendable, Codable {
        var path: String
        var groups = 0
        var rules = 0
        var errors: [Mistake] = []
        var warnings: [String] = []
        /// The file with every short form expanded, as YAML; nil if there are mistakes in it.
        var expanded: String?

        var expandedLines: [String] {
            (expanded ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .map { PlainText.neutralised(String($0)) }
        }
    }

    /// A mistake with its place; line and column are counted from 1.
    struct Mistake: Sendable, Codable {
        var line: Int?
        var column: Int?
        var key: String
        var message: String

        init(_ error: RuleFileError) {
            (line, column, key, message) = (error.line, error.column, error.key, error.message)
        }
    }

    var files: [File]
    var texts: Texts

    var hasErrors: Bool { files.contains { !$0.errors.isEmpty } }
    var hasWarnings: Bool { files.contains { !$0.warnings.isEmpty } }

    func lines() -> [String] {
        files.flatMap { file in
            let head =
                file.errors.isEmpty
                ? texts(.checked(path: file.path, rules: file.rules, groups: file.groups))
                : texts(.broken(path: file.path, mistakes: file.errors.count))
            let errors = file.errors.map { "  " + RuleCheckPage.place($0, in: file.path) }
            return ([head] + errors + file.warnings.map { "  " + texts(.warning($0)) }).map(PlainText.neutralised)
        }
    }

    private static func place(_ mistake: Mistake, in path: String) -> String {
        RuleFileError(
            file: path, line: mistake.line, column: mistake.column, key: mistake.key, message: mistake.message
        ).description
    }

    func csv() -> [String] {
        let rows = files.flatMap { file in
            file.errors.map { error in
                [
                    file.path, "error", error.line.map(String.init) ?? "", error.column.map(String.init) ?? "",
                    error.key, error.message,
                ]
            } + file.warnings.map { [file.path, "warning", "", "", "", $0] }
        }
        return CSV.lines(["file", "kind", "line", "column", "key", "message"], rows)
    }
}

extension RuleCheckPage.File {
    /// What `read` finds, or the mistakes that it throws.
    init(_ path: String, reading read: () throws(RuleFileErrors) -> RuleFile) {
        self.path = path
        do throws(RuleFileErrors) {
            let file = try read()
            groups = file.groups.count
            rules = file.groups.reduce(0) { $0 + $1.rules.count }
            warnings = file.warnings
            expanded = file.expandedYAML
        } catch {
            errors = error.errors.map(RuleCheckPage.Mistake.init)
        }
    }
}
