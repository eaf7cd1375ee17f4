/// What `quantrac rules` says, in both languages.
enum RuleText: Sendable {
    case checked(path: String, rules: Int, groups: Int)
    case broken(path: String, mistakes: Int)
    case warning(String)
    case tests(path: String, passed: Int, failed: Int)
    case testNamed(String, line: Int)
    case alertFires(name: String, time: String, line: Int)
    case expressionGives(String, time: String, line: Int)
    case ruleFailed(name: String, time: String, reason: String)
    case expected, got, nothing
    case rangSoOften(Int, from: String, to: String)
    case failedSoOften(rule: String, count: Int, reason: String)
    case cameOnlySoFar(String, wanted: String)
    case lasted, stillFires
    case proposals, limitNow, rang, proposedLimit, clearLevel, wouldRing
    case side(isAbove: Bool, limit: String)

    var words: Words {
        switch self {
        case .checked(let path, let rules, let groups):
            Words(
                "\(path): \(rules) \(rules == 1 ? "rule" : "rules") in \(groups) \(groups == 1 ? "group" : "groups"), all well",
                "\(path): \(rules) quy tắc trong \(groups) nhóm, đều hợp lệ")
        case .broken(let path, let mistakes):
            Words(
                "\(path): REFUSED, \(mistakes) \(mistakes == 1 ? "mistake" : "mistakes")",
                "\(path): BỊ TỪ CHỐI, \(mistakes) lỗi")
        case .warning(let text): Words("warning: \(text)", "lưu ý: \(text)")
        case .tests(let path, let passed, failed: 0):
            Words("\(path): \(passed) \(passed == 1 ? "test" : "tests") passed", "\(path): \(passed) phép thử đạt")
        case .tests(let path, let passed, let failed):
            Words(
                "\(path): \(failed) \(failed == 1 ? "test" : "tests") FAILED, \(passed) passed",
                "\(path): \(failed) phép thử KHÔNG ĐẠT, \(passed) đạt")
        case .testNamed(let name, let line): Words("test \(name) (line \(line))", "phép thử \(name) (dòng \(line))")
        case .alertFires(let name, let time, let line):
            Words(
                "alert \(name) at \(time) (line \(line)): others fire than are due",
                "cảnh báo \(name) lúc \(time) (dòng \(line)): báo động khác với mong đợi")
        case .expressionGives(let expression, let time, let line):
            Words(
                "\(expression) at \(time) (line \(line)): the result is another than is due",
                "\(expression) lúc \(time) (dòng \(line)): kết quả khác với mong đợi")
        case .ruleFailed(let name, let time, let reason):
            Words("\(name) at \(time): \(reason)", "\(name) lúc \(time): \(reason)")
        case .expected: Words("expected", "mong đợi")
        case .got: Words("got", "thực tế")
        case .nothing: Words("nothing", "không có gì")
        case .rangSoOften(let count, let from, let to):
            Words(
                "From \(from) to \(to) it would have rung \(count == 1 ? "once" : "\(count) times").",
                "Từ \(from) đến \(to), quy tắc lẽ ra đã báo động \(count) lần.")
        case .cameOnlySoFar(let until, let wanted):
            Words(
                "the trial came as far as \(until) in the time that it may take, and not to \(wanted): go on from there with --since, or try fewer rules",
                "trong thời gian cho phép mới thử được đến \(until), chưa đến \(wanted): hãy chạy tiếp từ đó bằng --since, hoặc thử ít quy tắc hơn"
            )
        case .failedSoOften(let rule, let count, let reason):
            Words(
                "rule \(rule) could not be evaluated \(count == 1 ? "once" : "\(count) times"): \(reason)",
                "\(count) lần không tính được quy tắc \(rule): \(reason)")
        case .lasted: Words("lasted", "kéo dài")
        case .stillFires: Words("still fires", "vẫn đang báo động")
        case .proposals:
            Words(
                "Limits that would have rung once in thirty days at most, and where to resolve:",
                "Ngưỡng lẽ ra chỉ báo nhiều nhất một lần trong ba mươi ngày, và mức kết thúc:")
        case .limitNow: Words("limit", "ngưỡng")
        case .rang: Words("rang", "đã báo")
        case .proposedLimit: Words("proposed", "đề xuất")
        case .clearLevel: Words("clear", "kết thúc")
        case .wouldRing: Words("would ring", "sẽ báo")
        case .side(isAbove: true, let limit): Words("above \(limit)", "trên \(limit)")
        case .side(isAbove: false, let limit): Words("below \(limit)", "dưới \(limit)")
        }
    }
}

extension Texts {
    func callAsFunction(_ text: RuleText) -> String { text.words[language] }
}
