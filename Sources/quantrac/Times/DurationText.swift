/// Durations as people write them: `24h`, `7d`, `1h30m`, `500ms`.
enum DurationText {
    /// Milliseconds, at least 1 and at most 100 years; nil for anything else. Units as in PromQL, each with a whole
    /// number before it: y (365 d), w, d, h, m, s, ms.
    static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text.lowercased())
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard let number = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            guard let factor = units[String(unit)] else { return nil }
            rest = rest.dropFirst(unit.count)
            let (product, tooLarge) = number.multipliedReportingOverflow(by: factor)
            let (sum, overflow) = total.addingReportingOverflow(product)
            if tooLarge || overflow { return nil }
            total = sum
        }
        return (1...longest).contains(total) ? total : nil
    }

    /// A step: a duration, or plain seconds as Prometheus's API takes them.
    static func step(_ text: String) -> Int64? {
        if let seconds = Double(text), seconds.isFinite, text.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }) {
            let milliseconds = (seconds * 1000).rounded()
            return milliseconds >= 1 && milliseconds <= Double(longest) ? Int64(milliseconds) : nil
        }
        return milliseconds(text)
    }

    /// As `milliseconds` reads it, with the largest unit that needs no fraction.
    static func text(milliseconds: Int64) -> String {
        let larger = units.sorted { $0.value > $1.value }.first {
            milliseconds % $0.value == 0 && milliseconds >= $0.value
        }
        return larger.map { "\(milliseconds / $0.value)\($0.key)" } ?? "\(milliseconds)ms"
    }

    private static let longest = 100 * 365 * units["d", default: 0]
    private static let units: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000,
    ]
}
