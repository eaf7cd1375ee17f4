import ArgumentParser

/// The options that the commands share, where they stand before the command.
///
/// ArgumentParser would let the program itself take them, wherever they stand; a command with an option of the same name
/// but other values (`decode --format`) then never saw its own. So they are moved to the command instead.
enum SharedOptions {
    /// `--lang vi status` → `status --lang vi`.
    static func behindTheCommand(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first, first.hasPrefix("--") {
            if let equals = first.firstIndex(of: "="), names.contains(String(first[..<equals])) {
                moved.append(first)
                rest = rest.dropFirst()
            } else if names.contains(first), rest.count >= 2 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                return arguments
            }
        }
        guard !moved.isEmpty, let command = rest.first else { return arguments }
        let second = rest.dropFirst().first
        let words = second.map { subcommands(of: command).contains($0) } == true ? 2 : 1
        return rest.prefix(words) + moved + rest.dropFirst(words)
    }

    private static func subcommands(of command: String) -> Set<String> {
        let found = Quantrac.configuration.subcommands.first { $0.configuration.commandName == command }
        return Set(
            (found?.configuration.subcommands ?? []).flatMap {
                ($0.configuration.commandName.map { [$0] } ?? []) + $0.configuration.aliases
            })
    }

    private static let names: Set<String> = ["--socket", "--url", "--token-file", "--format", "--lang"]
}
