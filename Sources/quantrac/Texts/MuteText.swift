import QueryAPI

/// What `quantrac alerts` says of silences, in both languages.
enum MuteText: Sendable {
    case muted, kind, conditions, by, comment, starts, ends
    case kindName(String)
    case stateName(String)
    case untilItEnds
    case acknowledged(by: String?)
    case silenced(by: String?, until: String?)
    case snoozed(by: String?, until: String?)
    case maintenance(name: String, until: String?)
    case explainedBy(String)
    case commented(String)
    case noSilences
    case made(kind: String, id: String, what: String, until: String?)
    case ended(id: String, what: String)

    var words: Words {
        switch self {
        case .muted: Words("muted", "tắt báo")
        case .kind: Words("kind", "loại")
        case .conditions: Words("which alerts", "cảnh báo nào")
        case .by: Words("by", "bởi")
        case .comment: Words("comment", "ghi chú")
        case .starts: Words("from", "từ")
        case .ends: Words("until", "đến")
        case .kindName("silence"): Words("silenced", "im lặng")
        case .kindName("snooze"): Words("snoozed", "báo lại sau")
        case .kindName("acknowledge"): Words("acknowledged", "đã nhận")
        case .kindName(let name): Words(name, name)
        case .stateName("active"): Words("active", "đang có hiệu lực")
        case .stateName("pending"): Words("to come", "sắp tới")
        case .stateName("over"): Words("over", "đã hết")
        case .stateName(let name): Words(name, name)
        case .untilItEnds: Words("the alert ends", "khi cảnh báo hết")
        case .acknowledged(let by):
            Words("acknowledged" + (by.map { " by \($0)" } ?? ""), (by.map { "\($0) " } ?? "") + "đã nhận")
        case .silenced(let by, let until): MuteText.until("silenced", "im lặng", by, until)
        case .snoozed(let by, let until): MuteText.until("snoozed", "báo lại sau", by, until)
        case .maintenance(let name, let until):
            Words(
                "maintenance (\(name))" + (until.map { " until \($0)" } ?? ""),
                "bảo trì (\(name))" + (until.map { " đến \($0)" } ?? ""))
        case .explainedBy(let name): Words("explained by \(name)", "do \(name)")
        case .commented(let text): Words("“\(text)”", "“\(text)”")
        case .noSilences: Words("Nothing is silenced.", "Không có cảnh báo nào bị tắt báo.")
        case .made(let kind, let id, let what, let until):
            Words(
                "\(MuteText.kindName(kind).words.english): \(what)" + (until.map { " until \($0)" } ?? "")
                    + "; to undo it: quantrac alerts unsilence \(id)",
                "\(MuteText.kindName(kind).words.vietnamese): \(what)" + (until.map { " đến \($0)" } ?? "")
                    + "; để hủy: quantrac alerts unsilence \(id)")
        case .ended(let id, let what):
            Words(
                "ended \(id): \(what); what still fires is told again",
                "đã hủy \(id): \(what); cảnh báo nào còn sẽ được báo lại")
        }
    }

    private static func until(_ english: String, _ vietnamese: String, _ by: String?, _ until: String?) -> Words {
        Words(
            english + (by.map { " by \($0)" } ?? "") + (until.map { " until \($0)" } ?? ""),
            (by.map { "\($0) " } ?? "") + vietnamese + (until.map { " đến \($0)" } ?? ""))
    }
}

extension Texts {
    func callAsFunction(_ text: MuteText) -> String { text.words[language] }

    /// Why people are not told of an alert, in a few words.
    func words(_ mute: MuteReport, clock: LocalClock) -> String {
        let until = mute.until.map { InstantText.parse($0, clock: clock).map { clock.shortest($0) } ?? $0 }
        let reason =
            switch mute.reason {
            case "acknowledge": self(MuteText.acknowledged(by: mute.by))
            case "snooze": self(MuteText.snoozed(by: mute.by, until: until))
            case "silence": self(MuteText.silenced(by: mute.by, until: until))
            case "maintenance": self(MuteText.maintenance(name: mute.by ?? "", until: until))
            case "dependency": self(MuteText.explainedBy(mute.explainedBy ?? ""))
            default: mute.reason
            }
        return reason + (mute.comment.map { " " + self(MuteText.commented($0)) } ?? "")
    }
}
