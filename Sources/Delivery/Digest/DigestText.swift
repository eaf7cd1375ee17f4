import Alerting
import Readings

/// A digest in words, for people.
struct DigestText {
    let title: String
    let lines: [String]

    init(_ digest: DailyDigest, in language: AlertNotice.Language) {
        let words = DigestWords(language: language)
        let clock = DigestClock(digest, words)
        title = DigestText.title(digest, words)
        lines = DigestText.lines(digest, words, clock)
    }

    private static func title(_ digest: DailyDigest, _ words: DigestWords) -> String {
        let head = words("Daily digest \(digest.day)", "Bản tin ngày \(digest.day)") + ": "
        if digest.isCalm { return head + words("all well", "mọi việc bình thường") }
        let (firing, ended) = (digest.firing.count, digest.ended.count)
        if firing + ended + digest.more == 0 {
            return head + words("no alerts, but see below", "không có cảnh báo, nhưng cần xem")
        }
        let counts = [
            firing > 0 ? words("\(firing) STILL FIRING", "\(firing) VẪN CẢNH BÁO") : nil,
            ended > 0 ? words("\(ended) ended", "\(ended) đã hết") : nil,
            digest.more > 0 ? words("\(digest.more) more", "\(digest.more) cảnh báo khác") : nil,
        ]
        return head + counts.compactMap { $0 }.joined(separator: ", ")
    }

    private static func lines(_ digest: DailyDigest, _ words: DigestWords, _ clock: DigestClock) -> [String] {
        var lines: [String] = []
        let since = clock.text(digest.since)
        if digest.isCalm {
            lines.append(
                words("All well since \(since): no alerts.", "Mọi việc bình thường từ \(since): không có cảnh báo."))
        } else {
            lines.append(words("What happened since \(since):", "Những gì đã xảy ra từ \(since):"))
        }
        lines += DigestText.aboutDaemon(digest, words, clock)
        let households = digest.households
        var calm = 0
        for household in households {
            let part = digest.part(of: household)
            if households.count > 1 {
                if part.entries.isEmpty, part.condition.households.allSatisfy(\.unheard.isEmpty) {
                    calm += 1
                    continue
                }
                lines.append("— \(OneLine.of(household, most: 100)) —")
            }
            lines += DigestText.about(part, words, clock)
        }
        if calm > 0, calm < households.count {
            lines.append(words("\(calm) other households: all well.", "\(calm) hộ khác: mọi việc bình thường."))
        }
        if digest.more > 0 {
            lines.append(
                words(
                    "Not listed here: \(digest.more). See: quantrac alerts",
                    "Không liệt kê ở đây: \(digest.more). Xem: quantrac alerts"))
        }
        return lines + DigestText.devices(digest, words)
    }

    /// What would make it wrong to say that all is well.
    private static func aboutDaemon(_ digest: DailyDigest, _ words: DigestWords, _ clock: DigestClock) -> [String] {
        var lines = digest.absences.map { absence in
            let span = clock.span(absence.from, absence.to)
            return words(
                "Quantrac did not run: \(span). Nothing was watched.",
                "Quantrac không chạy: \(span). Không có gì được theo dõi.")
        }
        if !digest.condition.isWatching {
            lines.append(
                words(
                    "The rules are not evaluated now: nobody would hear of any alert.",
                    "Các quy tắc hiện không được đánh giá: sẽ không ai nhận được cảnh báo."))
        }
        if !digest.condition.problems.isEmpty {
            let problems = digest.condition.problems.prefix(10).map { words.problem($0) }
                .joined(separator: "; ")
            lines.append(
                words(
                    "Something is wrong now: \(problems). See: quantrac status",
                    "Hiện đang có vấn đề: \(problems). Xem: quantrac status"))
        }
        for one in digest.undelivered {
            lines.append(
                words(
                    "\(one.channel) could not deliver \(one.notices) notices.",
                    "\(one.channel) không gửi được \(one.notices) thông báo."))
        }
        return lines
    }

    /// One household's alerts, and whom it does not hear of.
    private static func about(_ part: DailyDigest, _ words: DigestWords, _ clock: DigestClock) -> [String] {
        var lines: [String] = []
        if !part.firing.isEmpty {
            lines.append(words("Still firing:", "Vẫn đang cảnh báo:"))
            lines += part.firing.map { "• " + line(ofFiring: $0, part, words, clock) }
        }
        if !part.ended.isEmpty {
            lines.append(words("Ended:", "Đã hết:"))
            lines += part.ended.map { "• " + line(ofEnded: $0, words, clock) }
        }
        for household in part.condition.households where !household.unheard.isEmpty {
            let more = household.unheardCount > household.unheard.count ? ["…"] : []
            let names = (household.unheard + more).joined(separator: ", ")
            let counts = "\(household.unheardCount)/\(household.devices)"
            lines.append(
                words("Not heard for a day (\(counts)): \(names)", "Không có tín hiệu cả ngày (\(counts)): \(names)"))
        }
        return lines
    }

    private static func line(
        ofFiring entry: DigestEntry, _ digest: DailyDigest, _ words: DigestWords, _ clock: DigestClock
    ) -> String {
        let so = words.duration(digest.until.milliseconds(since: entry.firedAt))
        let since = clock.text(entry.firedAt)
        var parts = [words("since \(since), for \(so)", "từ \(since), đã \(so)")]
        if entry.ends > 0 {
            let times = entry.ends == 1 ? "once" : "\(entry.ends) times"
            parts.append(words("\(times) before", "\(entry.ends) lần trước đó"))
        }
        if let mute = entry.mute { parts.append(words.muted(mute, by: entry.mutedBy)) }
        return "\(head(entry, words)): " + (parts + untold(entry, words)).joined(separator: "; ")
    }

    private static func line(ofEnded entry: DigestEntry, _ words: DigestWords, _ clock: DigestClock) -> String {
        let (span, total) = (clock.span(entry.firedAt, entry.endedAt), words.duration(entry.firedFor))
        let times =
            entry.ends > 1
            ? words(
                "\(entry.ends) times, \(total) in all, last \(span)",
                "\(entry.ends) lần, tổng cộng \(total), lần cuối \(span)") : "\(span), \(total)"
        return "\(head(entry, words)): " + ([times] + untold(entry, words)).joined(separator: "; ")
    }

    private static func head(_ entry: DigestEntry, _ words: DigestWords) -> String {
        "\(entry.name), \(entry.subject[words.language.rawValue] ?? entry.device)"
    }

    /// What the channel did not hear of, and why.
    private static func untold(_ entry: DigestEntry, _ words: DigestWords) -> [String] {
        var parts: [String] = []
        if entry.untold > 0 {
            let reasons = entry.mutes.map { words.reason($0) }.joined(separator: ", ")
            let times = entry.untold < entry.ends ? "\(entry.untold) × " : ""
            parts.append(words("\(times)not told (\(reasons))", "\(times)không báo (\(reasons))"))
        }
        if let failure = entry.failure {
            parts.append(
                words("could not be delivered: \(failure)", "không gửi được: \(FailureWords.inVietnamese(failure))"))
        }
        return parts
    }

    /// That it hears of the devices, which proves more than that it lives.
    private static func devices(_ digest: DailyDigest, _ words: DigestWords) -> [String] {
        let households = digest.condition.households
        let all = households.reduce(0) { $0 + $1.devices }
        let heard = all - households.reduce(0) { $0 + $1.unheardCount }
        guard all > 0 else { return [] }
        return [words("Devices heard: \(heard) of \(all).", "Thiết bị có tín hiệu: \(heard)/\(all).")]
    }
}
