/// The client's words in one language.
struct Texts: Sendable {
    var language: Language

    func callAsFunction(_ text: Text) -> String {
        text.words[language]
    }

    /// `12 s`, `5 min`, `3 h 12 min`, `5 d 3 h`: two units at most, or one where `coarse`.
    func duration(milliseconds: Int64, coarse: Bool = false) -> String {
        duration(seconds: Double(milliseconds) / 1000, coarse: coarse)
    }

    /// Negative durations (a clock that is ahead) count as none.
    func duration(seconds: Double, coarse: Bool = false) -> String {
        guard seconds.isFinite else { return "?" }
        if !coarse, seconds > 0, seconds < 1 { return self(.milliseconds(Int((seconds * 1000).rounded()))) }
        let whole = Int(max(0, min(seconds.rounded(), 1e12)))
        if whole < 60 { return self(.seconds(whole)) }
        if whole < 3600 {
            return joined(
                self(.minutes(whole / 60)), whole % 60 == 0 || whole >= 600 ? nil : .seconds(whole % 60), coarse)
        }
        if whole < 86_400 {
            let minutes = whole % 3600 / 60
            return joined(self(.hours(whole / 3600)), minutes == 0 ? nil : .minutes(minutes), coarse)
        }
        let hours = whole % 86_400 / 3600
        return joined(self(.days(whole / 86_400)), hours == 0 ? nil : .hours(hours), coarse)
    }

    /// `0.8 ms`, `12 ms`: what a disk takes.
    func syncTime(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1 else { return duration(seconds: seconds) }
        return NumberText.fixed(seconds * 1000, decimals: seconds < 0.01 ? 1 : 0) + " ms"
    }

    /// `5 min ago`; `3 d ahead` where a device's clock is clearly wrong.
    func ago(_ milliseconds: Int64) -> String {
        ahead(milliseconds) ?? self(.ago(duration(milliseconds: milliseconds, coarse: true)))
    }

    /// `5 min`, or `3 d ahead`.
    func age(_ milliseconds: Int64) -> String {
        ahead(milliseconds) ?? duration(milliseconds: milliseconds, coarse: true)
    }

    /// Clocks differ by a little: that is no news.
    private func ahead(_ milliseconds: Int64) -> String? {
        guard milliseconds < -60_000 else { return nil }
        return self(.ahead(duration(seconds: -Double(milliseconds) / 1000, coarse: true)))
    }

    private func joined(_ larger: String, _ smaller: Text?, _ coarse: Bool) -> String {
        guard let smaller, !coarse else { return larger }
        return larger + " " + self(smaller)
    }
}

/// One text in both languages.
struct Words: Sendable {
    var english: String
    var vietnamese: String

    init(_ english: String, _ vietnamese: String) {
        self.english = english
        self.vietnamese = vietnamese
    }

    subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .vietnamese: vietnamese
        }
    }
}
