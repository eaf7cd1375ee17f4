import Alerting
import Intake
import Readings
import Testing

@testable import quantracd

@Suite("Problems are told in English and Vietnamese")
struct ProblemWordsTests {
    private static let time = Timestamp(milliseconds: 1_790_000_000_000)

    /// Both say the same facts, and neither speaks the other's language.
    private func check(_ words: ProblemWords, facts: [String], vietnamese: String) {
        for fact in facts {
            #expect(words.english.contains(fact) && words.vietnamese.contains(fact), "\(fact): \(words)")
        }
        #expect(words.vietnamese.contains(vietnamese) && words.english != words.vietnamese, "\(words)")
    }

    @Test func rulesThatAreInForceThoughTheFileIsBroken() {
        let known = RuleLoadReport.FormerRules(file: "/etc/r.yaml", readAt: Self.time)
        check(known.words, facts: ["/etc/r.yaml", Self.time.rfc3339], vietnamese: "quy tắc đúng gần nhất")
        let unknown = RuleLoadReport.FormerRules(file: "/etc/r.yaml", readAt: nil)
        check(unknown.words, facts: ["/etc/r.yaml"], vietnamese: "đến khi quantracd khởi động lại")
    }

    @Test func mistakesInFiles() {
        check(.mistake("/etc/r.yaml:3: no such key"), facts: ["/etc/r.yaml:3: no such key"], vietnamese: "có lỗi")
    }

    @Test(arguments: [
        ("groups: [", "dòng 2, cột 1: đây không phải YAML hợp lệ"),
        ("groups: 3", "dòng 1, cột 9, ở groups: cần một danh sách"),
        ("groups:\n- {name: a, rule: []}", "dòng 2, cột 13, ở groups[0].rule: không có khóa rule; có thể dùng: name"),
        ("groups: [{name: a}, {name: a}]", "dòng 1, cột 21, ở groups[1].name: tên nhóm \"a\" lặp lại trong cùng tệp"),
        ("groups: [{name: ''}]", "tên nhóm không được để trống"),
        ("groups: []\ngroups: []", "khóa \"groups\" xuất hiện hai lần"),
        ("groups: [{name: a, rules: [{alert: A, expr: 'x >'}]}]", "ở groups[0].rules[0].expr (bằng tiếng Anh): "),
    ]) func mistakesInRuleFiles(text: String, vietnamese: String) {
        let errors = #expect(throws: RuleFileErrors.self) { try RuleFile.parse(text, path: "/etc/r.yaml") }?.errors
        let words = errors?.first?.words
        #expect(words?.english == errors?.first?.description)
        #expect(words?.vietnamese.hasPrefix("có lỗi trong /etc/r.yaml, dòng ") == true, "\(words)")
        #expect(words?.vietnamese.contains(vietnamese) == true, "\(words)")
    }

    @Test func aRuleFileThatCannotBeRead() {
        let errors = #expect(throws: RuleFileErrors.self) { try RuleFile.read("/nowhere/r.yaml") }?.errors
        let words = errors?.first?.words.vietnamese ?? ""
        #expect(words.hasPrefix("có lỗi trong /nowhere/r.yaml: không đọc được tệp: "), "\(words)")
    }

    @Test(arguments: [QuotaReason.series, .newSeries, .rate]) func aHouseholdOverItsQuota(reason: QuotaReason) {
        var report = QuotaReport(
            household: "h7", reason: reason, refused: 12, since: Self.time, last: Self.time,
            devices: [.init(name: "gateway", refused: 12)], topics: [.init(name: "a/b", refused: 3)])
        check(
            report.words, facts: ["'h7'", "12", Self.time.rfc3339, "'gateway'", "'a/b'"], vietnamese: "số đo bị từ chối"
        )
        report.devices = []
        report.topics = []
        check(report.words, facts: ["'h7'"], vietnamese: "thiết bị và chủ đề luôn mới")
    }

    @Test func aGroupThatIsNotDoneInTime() throws {
        let engine = RuleEngine()
        let text = "groups: [{name: heavy, rules: [{alert: Slow, expr: x > 1}]}]"
        let file = try RuleFile.parse(text, path: "r.yaml")
        _ = engine.load([RuleFileResult(path: "r.yaml", result: .success(file))], at: Self.time)
        let group = try #require(engine.snapshot().first)
        check(
            group.slowness(slowest: group.rules.first), facts: ["heavy", "r.yaml", "15 s", "Slow"],
            vietnamese: "quy tắc chậm nhất")
        check(group.slowness(slowest: nil), facts: ["heavy", "r.yaml"], vietnamese: "phải chờ quy tắc chậm")
    }

    @Test func aFileThatWasMadeAnew() {
        check(.madeAnew(because: "page 3"), facts: ["page 3"], vietnamese: "đã tạo lại")
    }
}
