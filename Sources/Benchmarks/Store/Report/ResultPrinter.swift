import Foundation

/// Prints each row as soon as it is measured, for a person or for a program.
struct ResultPrinter {
    enum Format: String, CaseIterable {
        case table
        /// One JSON object a row, each on a line of its own.
        case json
    }

    let format: Format

    func printHeader(_ lines: [String]) {
        guard format == .table else { return }
        for text in lines { Swift.print(text) }
        Swift.print("\n" + line("", "reached", "goal", "", "beside it", "ratio"))
    }

    func printTitle(_ title: String) {
        guard format == .table else { return }
        Swift.print("\n" + title)
        fflush(nil)
    }

    /// Says on standard error what takes long, on a line that the next one writes over; to a terminal only.
    func printProgress(_ what: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K  … \(what)".utf8))
    }

    func clearProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }

    /// Runs `body`, which prints the rows called `rows` below `title`. What goes wrong in it costs only these.
    ///
    /// - Returns: whether all went well.
    func printRows(_ rows: String, _ title: String, _ body: () throws -> Void) -> Bool {
        printTitle(title)
        defer { clearProgress() }
        do {
            try body()
            return true
        } catch {
            print(BenchmarkRow(rows, nil, "", note: "failed: \(error)"))
            return false
        }
    }

    func print(_ row: BenchmarkRow) {
        clearProgress()
        switch format {
        case .table: printLine(row)
        case .json: Swift.print(json(row))
        }
        fflush(nil)
    }

    private func printLine(_ row: BenchmarkRow) {
        let goal = row.goal.map { goal in
            switch goal {
            case .atMost(let bound): "≤ " + short(bound)
            case .atLeast(let bound): "≥ " + short(bound)
            }
        }
        Swift.print(
            line(
                "  " + row.what, row.reached.map { short($0) + " " + row.unit } ?? "–", goal ?? "",
                row.isMet.map { $0 ? "✓" : "✗" } ?? "", row.beside.map { "\($0.name) \(short($0.value))" } ?? "",
                row.ratio.map { "× " + short($0) } ?? ""))
        if let note = row.note { Swift.print("      " + note) }
    }

    private func line(_ columns: String...) -> String {
        let widths = [50, 18, 9, 2, 38, 9]
        var text = ""
        for (index, column) in columns.enumerated() {
            let blanks = String(repeating: " ", count: max(1, widths[index] - column.count))
            text += index == 1 || index == 2 || index == 5 ? blanks + column : column + blanks
            if index == 2 || index == 3 { text += " " }
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Three digits that count.
    func short(_ value: Double) -> String {
        if value == 0 { return "0" }
        let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        return String(format: "%.\(min(digits, 9))f", value)
    }

    private func json(_ row: BenchmarkRow) -> String {
        var fields = ["\"what\":\(quoted(row.what))", "\"unit\":\(quoted(row.unit))"]
        fields.append("\"reached\":" + (row.reached.map(number) ?? "null"))
        if let goal = row.goal {
            switch goal {
            case .atMost(let bound): fields.append("\"goal\":{\"atMost\":\(number(bound))}")
            case .atLeast(let bound): fields.append("\"goal\":{\"atLeast\":\(number(bound))}")
            }
        }
        if let isMet = row.isMet { fields.append("\"met\":\(isMet)") }
        if let beside = row.beside {
            fields.append("\"beside\":{\"name\":\(quoted(beside.name)),\"value\":\(number(beside.value))}")
        }
        if let ratio = row.ratio { fields.append("\"ratio\":\(number(ratio))") }
        if let note = row.note { fields.append("\"note\":\(quoted(note))") }
        return "{" + fields.joined(separator: ",") + "}"
    }

    private func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

    private func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\" + String(scalar)
            case "\n": out += "\\n"
            case ..<" ": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
