import Readings

/// Reads what an export wrote, a line at a time.
protocol ImportFormat {
    /// Takes the next line, without its end. Empty lines are left out.
    ///
    /// - Throws: what is wrong with it; nothing of the line is taken then.
    mutating func take(_ line: [UInt8], into out: inout [ImportedSeries]) throws(ImportFault)
    /// Whether the text so far ends within a record, so that a line's end does not end it.
    func isOpen(_ line: [UInt8]) -> Bool
}

/// What is wrong with a line.
struct ImportFault: Error, Equatable {
    var what: String

    init(_ what: String) {
        self.what = what
    }
}

/// What a series must be to be taken in.
enum ImportRules {
    static let mostLabels = 32
    static let longestName = 256
    static let longestValue = 1024

    static func check(_ labels: Labels) throws(ImportFault) {
        guard !labels.metric.isEmpty else { throw ImportFault("the label __name__ is missing") }
        guard labels.sorted.count <= mostLabels else { throw ImportFault("more than \(mostLabels) labels") }
        for label in labels.sorted {
            guard label.name.utf8.count <= longestName, label.value.utf8.count <= longestValue else {
                throw ImportFault("a label is longer than \(longestValue) bytes: \(label.name.prefix(60))")
            }
            guard !label.name.isEmpty, !hasControls(label.name), !hasControls(label.value) else {
                throw ImportFault("a label has control characters, or no name")
            }
        }
    }

    static func check(unit: String?) throws(ImportFault) {
        guard let unit else { return }
        guard unit.utf8.count <= longestName, !hasControls(unit) else {
            throw ImportFault("the unit is too long, or has control characters")
        }
    }

    private static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202E}" }
    }
}
