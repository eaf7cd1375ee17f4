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
