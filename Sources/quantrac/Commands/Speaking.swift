/// Whoever prints for a user: in a language, on a clock, to a terminal or a pipe.
protocol Speaking: Sendable {
    var texts: Texts { get }
    var clock: LocalClock { get }
    var terminal: Terminal { get }
}

extension Speaking {
    func print(_ lines: [String]) throws {
        try StandardOutput.out.write(
            lines: terminal.isTTY && !terminal.isUTF8 ? lines.map(PlainText.asciiMarks) : lines)
    }

    func print(_ table: Table) throws {
        try print(table.lines(width: terminal.isTTY ? terminal.width : nil, colours: terminal.hasColours))
    }

    /// As it is for programs; made harmless for a terminal.
    func printCSV(_ lines: [String]) throws {
        try StandardOutput.out.write(lines: terminal.isTTY ? lines.map(PlainText.neutralised) : lines)
    }

    /// Compact for programs, indented for people.
    func printJSON(_ value: some Encodable) throws {
        try StandardOutput.out.write(lines: [try JSONOutput.text(value, pretty: terminal.isTTY)])
    }

    /// A line beside the result, on standard error. Where nobody reads that there is nobody to tell.
    func note(_ text: String) {
        try? StandardOutput.error.write(lines: [PlainText.neutralised(text)])
    }

    func warn(_ text: String) {
        note("quantrac: " + text)
    }
}
