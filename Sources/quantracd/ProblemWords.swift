import Alerting
import QueryAPI
import Readings

/// What a problem is, in both languages. What systems and libraries say stays as they say it.
struct ProblemWords: Equatable {
    var english: String
    var vietnamese: String

    init(_ english: String, _ vietnamese: String) {
        self.english = english
        self.vietnamese = vietnamese
    }

    /// Somebody's file says something wrong: where, and what, is said in English.
    static func mistake(_ text: String) -> ProblemWords { ProblemWords(text, "có lỗi (bằng tiếng Anh): \(text)") }

    /// A file was damaged.
    static func madeAnew(because reason: String) -> ProblemWords {
        ProblemWords("made anew: \(reason)", "đã tạo lại: \(reason)")
    }
}

extension StatusReport.Problem {
    init(code: String, _ words: ProblemWords) {
        self.init(code: code, detail: words.english, detailVi: words.vietnamese)
    }
}

extension RuleFileError {
    /// The mistake with its place. What has no Vietnamese words stands in English behind the place in Vietnamese.
    var words: ProblemWords {
        var place = "\(file)"
        if let line { place += ", dòng \(line)" }
        if let column { place += ", cột \(column)" }
        if !key.isEmpty { place += ", ở \(key)" }
        let mistake = messageInVietnamese.map { ": \($0)" } ?? " (bằng tiếng Anh): \(message)"
        return ProblemWords(description, "có lỗi trong \(place)\(mistake)")
    }
}

extension RuleLoadReport.FormerRules {
    /// Which rules are in force instead of those that the file has now.
    var words: ProblemWords {
        guard let readAt else {
            return ProblemWords(
                "the last good rules of \(file) are in force until quantracd is restarted: the rule files are too long for them to be kept",
                "các quy tắc đúng gần nhất của \(file) có hiệu lực đến khi quantracd khởi động lại: các tệp quy tắc quá dài để được giữ"
            )
        }
        return ProblemWords(
            "the last good rules of \(file), read at \(readAt.rfc3339), are in force, also after a restart",
            "các quy tắc đúng gần nhất của \(file), đọc lúc \(readAt.rfc3339), vẫn có hiệu lực, cả sau khi khởi động lại"
        )
    }
}
