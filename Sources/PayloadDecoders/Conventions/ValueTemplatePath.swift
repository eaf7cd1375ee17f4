/// Templates of Home Assistant that only pick a field: `{{ value_json.energy['power'][0] }}`.
enum ValueTemplatePath {
    /// The metric of the picked field, "" for `{{ value }}`; nil if the template does more than pick.
    static func metric(_ template: String) -> String? {
        var rest = trimmed(template[...])
        guard rest.hasPrefix("{{"), rest.hasSuffix("}}"), rest.utf8.count >= 4 else { return nil }
        rest = trimmed(rest.dropFirst(2).dropLast(2))
        if rest == "value" { return "" }
        guard rest.hasPrefix("value_json") else { return nil }
        rest = rest.dropFirst("value_json".count)
        var words: [String] = []
        while let first = rest.first {
            switch first {
            case ".":
                let name = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                guard !name.isEmpty else { return nil }
                words.append(SnakeCase.word(String(name)))
                rest = rest.dropFirst(1 + name.count)
            case "[":
                guard let end = rest.firstIndex(of: "]"), let word = subscripted(rest[..<end].dropFirst()) else {
                    return nil
                }
                words.append(word)
                rest = rest[end...].dropFirst()
            default: return nil
            }
        }
        return words.isEmpty ? nil : SnakeCase.metric(words.joined(separator: "_"))
    }

    /// A quoted key or an index, as it is named in a metric.
    private static func subscripted(_ inside: Substring) -> String? {
        let inside = trimmed(inside)
        for quote in ["'", "\""] where inside.count >= 2 && inside.hasPrefix(quote) && inside.hasSuffix(quote) {
            return SnakeCase.word(String(inside.dropFirst().dropLast()))
        }
        return inside.isEmpty ? nil : UInt8(inside).map(String.init)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
