import Foundation
import Readings

extension AlertNotice {
    /// The languages in which notices are written.
    public enum Language: String, Sendable, CaseIterable {
        case english = "en"
        case vietnamese = "vi"
    }

    /// One line for people, such as `FIRING FreezerWarm: freezer at −11.2 (since 14:03)`.
    ///
    /// What is the matter is taken from the annotation `summary` (`summary_vi` first in Vietnamese); without one, from
    /// the labels and the value. Times are local if `secondsEastOfUTC` is known, otherwise UTC with `UTC` behind them.
    public func text(in language: Language) -> String {
        let since = clock(transition.activeAt)
        let until = clock(transition.at)
        let words: (head: String, tail: String)
        switch (language, isFiring, transition.cause) {
        case (.english, true, _): words = ("FIRING", "since \(since)")
        case (.english, false, .evaluation): words = ("RESOLVED", "\(since) to \(until)")
        case (.english, false, .ruleRemoved): words = ("ENDED", "its rule was removed; began \(since)")
        case (.english, false, .limitExceeded): words = ("ENDED", "its rule has too many alerts; began \(since)")
        case (.vietnamese, true, _): words = ("CẢNH BÁO", "từ \(since)")
        case (.vietnamese, false, .evaluation): words = ("ĐÃ HẾT", "từ \(since) đến \(until)")
        case (.vietnamese, false, .ruleRemoved): words = ("ĐÃ DỪNG", "quy tắc đã bị gỡ; bắt đầu \(since)")
        case (.vietnamese, false, .limitExceeded):
            words = ("ĐÃ DỪNG", "quy tắc có quá nhiều cảnh báo; bắt đầu \(since)")
        }
        return "\(words.head) \(AlertNotice.oneLine(alertName)): \(subject(in: language)) (\(words.tail))"
    }

    /// What is the matter, such as `freezer at −11.2`: the summary, or without one labels and value.
    public func subject(in language: Language) -> String {
        let wanted =
            language == .vietnamese
            ? [AlertLabel.summaryVietnamese, AlertLabel.summary] : [AlertLabel.summary]
        for name in wanted {
            if let text = transition.annotations.first(where: { $0.name == name })?.value, !text.isEmpty {
                return AlertNotice.oneLine(text)
            }
        }
        let number = transition.value.isFinite ? String(format: "%.6g", transition.value) : "\(transition.value)"
        let value = number.replacing("-", with: "−")
        let device = transition.labels.device
        let others = transition.labels.sorted.filter { $0.name != AlertLabel.name }
        let who = device.isEmpty ? others.map { "\($0.name)=\($0.value)" }.joined(separator: ", ") : device
        guard !who.isEmpty else { return value }
        return AlertNotice.oneLine(who) + (language == .english ? " at " : " ở mức ") + value
    }

    /// `14:03`, with the day before it if that is not the day of the notice.
    private func clock(_ time: Timestamp) -> String {
        func local(_ time: Timestamp) -> CivilTime {
            CivilTime(utc: time.advanced(byMilliseconds: Int64(secondsEastOfUTC ?? 0) * 1000))
        }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let civil = local(time)
        let today = local(transition.at)
        let isToday = (civil.year, civil.month, civil.day) == (today.year, today.month, today.day)
        let day = isToday ? "" : "\(civil.year)-\(padded(civil.month))-\(padded(civil.day)) "
        return day + "\(padded(civil.hour)):\(padded(civil.minute))" + (secondsEastOfUTC == nil ? " UTC" : "")
    }

    /// Labels and annotations may hold anything; a line must stay a line, and short enough for a phone.
    private static func oneLine(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        let scalars = text.unicodeScalars
        for scalar in scalars.prefix(300) {
            let breaks = scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            out.append(breaks ? " " : scalar)
        }
        if scalars.dropFirst(300).first != nil { out.append("…") }
        return String(out)
    }
}
