/// What Prometheus has and this engine leaves out: a script's cases that need it are skipped by name.
enum LeftOut {
    /// Functions and operators that stand before a parenthesis or a grouping, each with what it belongs to.
    private static let words: [String: String] = [
        "info": "info()", "limitk": "limitk", "limit_ratio": "limit_ratio",
        "start_timestamp": "start timestamps", "histogram_avg": "native histograms",
        "histogram_count": "native histograms", "histogram_sum": "native histograms",
        "histogram_stddev": "native histograms", "histogram_stdvar": "native histograms",
    ]

    /// Labels that only say something where type and unit labels are on.
    static let labels: [String: String] = ["__type__": "type and unit labels", "__unit__": "type and unit labels"]

    /// What `expression` needs and there is not; nil if all is there.
    static func reason(_ expression: String) -> String? {
        var rest = Substring(expression)
        var quote: Character?
        while let character = rest.first {
            if let open = quote {
                if character == "\\", open != "`" { rest.removeFirst() }
                if character == open { quote = nil }
                rest = rest.dropFirst()
            } else if character == "\"" || character == "'" || character == "`" {
                quote = character
                rest.removeFirst()
            } else if character.isLetter || character == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
                rest = rest.dropFirst(word.count)
                let next = rest.drop { $0 == " " || $0 == "\t" }
                let isCall = next.first == "(" || next.hasPrefix("by") || next.hasPrefix("without")
                if isCall, let reason = words[String(word)] { return reason }
            } else {
                rest.removeFirst()
            }
        }
        return nil
    }
}
