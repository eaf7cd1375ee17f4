import Readings

/// What templates do with texts, as Go's `strings` does it: scalar by scalar.
enum TemplateText {
    /// `text` with each scalar mapped; those whose mapping is no single scalar stay.
    static func mapped(_ text: String, _ mapping: (Unicode.Scalar.Properties) -> String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let mapped = mapping(scalar.properties).unicodeScalars
            out.append(mapped.count == 1 ? mapped.first ?? scalar : scalar)
        }
        return String(out)
    }

    /// Capitals at the beginning of words, whatever else is in them. An apostrophe ends a word, as in Go.
    static func title(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var isInWord = false
        for scalar in text.unicodeScalars {
            let capital = isInWord ? "" : scalar.properties.titlecaseMapping
            out.append(capital.unicodeScalars.count == 1 ? capital.unicodeScalars.first ?? scalar : scalar)
            isInWord = !isSeparator(scalar)
        }
        return String(out)
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": false
        case "\u{00}"..."\u{7F}": true
        default: scalar.properties.isWhitespace
        }
    }

    /// The path of a URL: what stands behind the host.
    static func path(ofURL url: String) -> String {
        let behindScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let path = behindScheme.drop { $0 != "/" }
        return String(path.prefix { $0 != "?" && $0 != "#" })
    }
}

/// `host:port` or `[::1]:port`.
struct HostAndPort {
    let host: String
    let port: String

    /// Nil if `text` has no port, as Go's `net.SplitHostPort` sees it.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count >= 2 else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.contains(where: { $0 == "[" || $0 == "]" }) else { return nil }
        self.host = String(host)
        port = String(text[text.index(after: colon)...])
    }

    /// The host without its domain, and the port behind it; addresses stay as they are.
    static func withoutDomain(_ text: String) -> String {
        let parts = HostAndPort(text)
        let host = parts?.host ?? text
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
        guard !isIPv4, !host.contains(":") else { return text }
        let name = numbers.first.map(String.init) ?? ""
        guard let port = parts?.port, !port.isEmpty else { return name }
        return name + ":" + port
    }
}
