import Alerting
import Foundation
import Readings

/// Words in one of the languages.
struct DigestWords {
    let language: AlertNotice.Language

    func callAsFunction(_ english: String, _ vietnamese: String) -> String {
        language == .english ? english : vietnamese
    }

    /// `3 h 46 min`: the two largest parts.
    func duration(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        let parts: [(count: Int64, unit: String)] = [
            (seconds / 86_400, self("d", "ngày")), (seconds / 3600 % 24, self("h", "giờ")),
            (seconds / 60 % 60, self("min", "phút")), (seconds % 60, self("s", "giây")),
        ]
        let first = parts.firstIndex { $0.count > 0 } ?? parts.count - 1
        return parts[first..<min(first + 2, parts.count)].filter { $0.count > 0 || seconds == 0 }
            .map { "\($0.count) \($0.unit)" }.joined(separator: " ")
    }

    /// What is wrong with the daemon, by the code that `quantrac status` shows; one that is not known here stands for itself.
    func problem(_ code: String) -> String {
        switch code {
        case "broker_unreachable": self("the broker cannot be reached", "không kết nối được broker")
        case "broker_refuses": self("the broker refuses the login", "broker từ chối đăng nhập")
        case "store_not_writable": self("readings cannot be stored", "không lưu được số đo")
        case "notices_undelivered": self("notices cannot be delivered", "không gửi được thông báo")
        case "notices_dropped": self("notices were lost", "có thông báo bị mất")
        case "rule_error": self("a rule fails", "có quy tắc bị lỗi")
        case "rules_slow": self("rules take too long", "có quy tắc chạy quá lâu")
        case "rule_file_refused": self("a rule file has mistakes", "có tệp quy tắc bị sai")
        case "rules_former": self("former rules are in force", "quy tắc cũ đang có hiệu lực")
        case "rules_missing": self("the rules of a file are not evaluated", "quy tắc của một tệp không được chạy")
        case "configuration_refused": self("the configuration has mistakes", "cấu hình có lỗi")
        case "household_over_quota": self("a household is over its quota", "có hộ vượt hạn mức")
        default: OneLine.of(code, most: 60)
        }
    }

    /// Why somebody is not told.
    func reason(_ word: String) -> String {
        switch word {
        case "silence": self("silenced", "im lặng")
        case "snooze": self("snoozed", "báo lại sau")
        case "acknowledge": self("acknowledged", "đã nhận")
        case "maintenance": self("maintenance", "bảo trì")
        case "dependency": self("explained by another", "do cảnh báo khác")
        case "quietHours": self("quiet hours", "giờ yên tĩnh")
        default: word
        }
    }

    /// That it is muted now, and by whom.
    func muted(_ word: String, by author: String?) -> String {
        guard let author else { return reason(word) }
        return switch word {
        case "maintenance": "\(reason(word)) (\(author))"
        case "dependency": self("explained by \(author)", "do \(author)")
        default: self("\(reason(word)) by \(author)", "\(author) \(reason(word))")
        }
    }
}

/// Times as clocks show them where the reader lives.
struct DigestClock {
    private let zone: TimeZone
    private let today: CivilTime
    private let words: DigestWords

    init(_ digest: DailyDigest, _ words: DigestWords) {
        zone = TimeZone(identifier: digest.zone) ?? .gmt
        today = CivilTime(local: digest.until, in: zone)
        self.words = words
    }

    /// `14:03`, `yesterday 14:03` or `2026-11-20 14:03`.
    func text(_ time: Timestamp) -> String {
        let local = CivilTime(local: time, in: zone)
        switch today.daysSince1970 - local.daysSince1970 {
        case 0: return local.clock
        case 1: return words("yesterday \(local.clock)", "\(local.clock) hôm qua")
        default: return "\(local.date) \(local.clock)"
        }
    }

    func span(_ from: Timestamp, _ to: Timestamp) -> String {
        let (first, last) = (CivilTime(local: from, in: zone), CivilTime(local: to, in: zone))
        let end = first.date == last.date ? last.clock : text(to)
        return words("\(text(from)) to \(end)", "\(text(from)) đến \(end)")
    }
}

extension CivilTime {
    /// `14:03`
    var clock: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }
}
