/// Comma-separated values (RFC 4180, with plain line feeds).
enum CSV {
    static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
        ([header] + rows).map { $0.map(field).joined(separator: ",") }
    }

    private static func field(_ text: String) -> String {
        let special = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
        return special
            ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            : text
    }
}
