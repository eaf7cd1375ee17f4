/// A table for people: columns aligned by what they take on a terminal.
struct Table: Sendable {
    struct Column: Sendable {
        var title: String
        var isNumber = false
        /// Whether the column may be cut when the table is wider than the terminal.
        var shrinks = false
    }

    /// Text is neutralised here, so that nothing from the network reaches a terminal as it came.
    struct Cell: Sendable {
        var text: String
        var tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = PlainText.neutralised(text)
            self.tone = tone
        }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// The lines, header first. With a width, columns that may shrink are cut so that lines fit, as far as they can.
    func lines(width: Int? = nil, colours: Bool = false) -> [String] {
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) {
                max($0, column < $1.count ? DisplayWidth.of($1[column].text) : 0)
            }
        }
        if let width { fit(&widths, into: width) }
        let header = columns.map { Cell($0.title, .strong) }
        return ([header] + rows).map { line($0, widths: widths, colours: colours) }
    }

    /// The table without columns in which no row has a text, save for the first `count`.
    func withoutEmptyColumns(keeping count: Int) -> Table {
        let kept = columns.indices.filter { column in
            column < count || rows.contains { column < $0.count && !$0[column].text.isEmpty }
        }
        return Table(
            columns: kept.map { columns[$0] },
            rows: rows.map { row in kept.compactMap { $0 < row.count ? row[$0] : nil } })
    }

    /// Blanks are owed until the next text, so that no line ends in blanks.
    private func line(_ cells: [Cell], widths: [Int], colours: Bool) -> String {
        var out = ""
        var pending = 0
        for (index, (cell, width)) in zip(cells, widths).enumerated() {
            let text = DisplayWidth.truncated(cell.text, to: width)
            let blanks = width - DisplayWidth.of(text)
            if columns[index].isNumber { pending += blanks }
            if !text.isEmpty {
                out += String(repeating: " ", count: max(0, pending)) + cell.tone.paint(text, colours: colours)
                pending = 0
            }
            if !columns[index].isNumber { pending += blanks }
            pending += Table.gap
        }
        return out
    }

    /// Takes columns from the widest that may shrink, one at a time, while the lines are too long.
    private func fit(_ widths: inout [Int], into width: Int) {
        let gaps = Table.gap * max(0, columns.count - 1)
        var excess = widths.reduce(gaps, +) - width
        while excess > 0 {
            let candidates = columns.indices.filter { columns[$0].shrinks && widths[$0] > Table.leastWidth }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }

    private static let gap = 2
    private static let leastWidth = 8
}
