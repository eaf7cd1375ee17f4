import Alerting
import Readings

/// A message in words, for people.
struct NoticeText {
    /// One line: what it is about.
    let title: String
    /// One or more lines for each alert.
    let lines: [String]
    /// The same apart for each alert, its headline first; none in a digest.
    let linesOfAlerts: [[String]]
    let isFiring: Bool
    /// How much it matters.
    let urgency: Urgency

    enum Urgency {
        /// Nothing is the matter: it may come without a sound.
        case calm
        case usual
        case firing
        case critical
    }

    init(_ message: Message, in language: AlertNotice.Language) {
        if let notice = message.dispatch.digest {
            let text = DigestText(notice.digest, in: language)
            title = text.title
            lines = text.lines + NoticeText.undelivered(by: notice.undeliveredBy, language)
            linesOfAlerts = []
            isFiring = notice.digest.entries.contains(where: \.isFiring)
            urgency = notice.digest.isCalm && notice.undeliveredBy.isEmpty ? .calm : .usual
            return
        }
        let entries = message.entriesForPeople
        isFiring = entries.contains { $0.news.isFiring }
        urgency =
            isFiring
            ? NoticeText.isCritical(message) ? .critical : .firing
            : entries.allSatisfy(\.isOverUntold) ? .calm : .usual
        linesOfAlerts = entries.map { NoticeText.lines(of: $0, language) }
        lines = Array(linesOfAlerts.joined())
        if entries.count == 1 {
            title = NoticeText.headline(of: entries[0], language)
        } else {
            title = NoticeText.summary(of: entries, language)
        }
    }

    /// How urgent it is, by the label `severity`.
    static func isCritical(_ message: Message) -> Bool {
        message.entriesForPeople.contains { entry in
            entry.news.isFiring && ChannelPolicy.isUrgent(entry.news.labels)
        }
    }

    private static func headline(of entry: Message.Entry, _ language: AlertNotice.Language) -> String {
        let again = language == .english ? "STILL " : "VẪN "
        return (entry.isReminder && entry.news.isFiring ? again : "") + entry.news.notice.text(in: language)
    }

    private static func lines(of entry: Message.Entry, _ language: AlertNotice.Language) -> [String] {
        var lines = [headline(of: entry, language)]
        let annotations = entry.news.notice.transition.annotations
        let names = language == .vietnamese ? ["description_vi", "description"] : ["description"]
        if let text = names.compactMap({ name in annotations.first { $0.name == name }?.value }).first, !text.isEmpty {
            lines.append(OneLine.of(text, most: 1000))
        }
        if entry.isOverUntold {
            lines.append(
                language == .english
                    ? "It began and ended before this could be told."
                    : "Đã bắt đầu và kết thúc trước khi tin này được gửi.")
        }
        lines += undelivered(by: entry.undeliveredBy, language)
        if !entry.unacknowledgedOn.isEmpty {
            let names = entry.unacknowledgedOn.joined(separator: ", ")
            lines.append(
                language == .english ? "Nobody acknowledged it on: \(names)" : "Chưa ai xác nhận trên: \(names)")
        }
        return lines
    }

    /// A word about the channels that could not tell it; nothing if there are none.
    private static func undelivered(by channels: [String], _ language: AlertNotice.Language) -> [String] {
        guard !channels.isEmpty else { return [] }
        let names = channels.joined(separator: ", ")
        return [language == .english ? "Could not be delivered by: \(names)" : "Không gửi được qua: \(names)"]
    }

    private static func summary(of entries: [Message.Entry], _ language: AlertNotice.Language) -> String {
        let firing = entries.count { $0.news.isFiring }
        var names: [String] = []
        for entry in entries where !names.contains(entry.news.notice.alertName) {
            names.append(entry.news.notice.alertName)
        }
        let isReminder = firing == entries.count && entries.allSatisfy(\.isReminder)
        let words =
            language == .english
            ? (isReminder ? "STILL FIRING, \(firing) alerts" : "\(firing) FIRING")
            : (isReminder ? "VẪN CÒN \(firing) CẢNH BÁO" : "\(firing) CẢNH BÁO")
        let counts = [
            firing > 0 ? words : nil,
            firing < entries.count
                ? (language == .english
                    ? "\(entries.count - firing) RESOLVED" : "\(entries.count - firing) ĐÃ HẾT") : nil,
        ]
        let shown = names.prefix(4).map { OneLine.of($0, most: 60) } + (names.count > 4 ? ["…"] : [])
        return counts.compactMap { $0 }.joined(separator: ", ") + ": " + shown.joined(separator: ", ")
    }
}
