import Alerting
import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@Suite("A trial proposes a limit that would have rung once a month at most, and a level to resolve at beyond the noise")
struct LimitProposalTests {
    private static let rules = """
        groups:
        - name: g
          interval: 5m
          rules:
          - {alert: Warm, sensor: {metric: t, above: 21}, for: 40m}
          - {alert: Cold, expr: t < 17.5}
        """

    /// Sixty days: twenty degrees by day, noise of a tenth, and a spell of three hours each week that is higher each time.
    private static func source(_ random: inout SeededGenerator) -> FleetSource {
        var samples: [Sample] = []
        for minute in stride(from: 0, to: 60 * 1440, by: 5) {
            let day = minute / 1440
            var value = 20.0 + (0..<12).map { _ in Double.random(in: -0.1...0.1, using: &random) }.reduce(0, +) / 2
            if day % 7 == 6, (600..<780).contains(minute % 1440) { value += 2 + Double(day / 7) * 0.5 }
            samples.append(Sample(time: .seconds(Double(minute) * 60), value: value))
        }
        var fleet = FleetSource()
        fleet.add([LabelName.metric: "t", "device": "room", "household": "home"], samples)
        return fleet
    }

    @Test func proposes() throws {
        var random = SeededGenerator(seed: 0x11_417)
        let trial = RuleTrial(try RuleFile.parse(Self.rules, path: "r.yaml"), defaultIntervalMilliseconds: 60_000)
        let outcome = try trial.run(
            over: Self.source(&random), from: .seconds(0), to: .seconds(60 * 86_400))
        #expect(outcome.proposals.map(\.rule) == ["Warm", "Cold"], "seed \(random.seed)")
        let warm = try #require(outcome.proposals.first)
        // Eight spells; two of them may ring in two months: those of 25 and 25.5 degrees.
        #expect((24.5...25.2).contains(warm.proposedLimit), "\(warm), seed \(random.seed)")
        #expect(warm.proposedRings == 2 && warm.rings == 8, "\(warm), seed \(random.seed)")
        #expect((0.2...1.2).contains(warm.proposedLimit - warm.proposedClear), "\(warm), seed \(random.seed)")
        let cold = try #require(outcome.proposals.last)
        #expect(!cold.isAbove && cold.rings == 0 && cold.proposedLimit < 20 && cold.proposedRings <= 2, "\(cold)")
        #expect(cold.proposedClear > cold.proposedLimit, "\(cold)")
    }

    @Test("of a week of an everyday sensor no limit is proposed at which it would ring for ever")
    func neverWhereItUsuallyIs() throws {
        var random = SeededGenerator(seed: 0x11_420)
        var samples: [Sample] = []
        for minute in stride(from: 0, to: 7 * 1440, by: 5) {
            let wave = minute % 120 < 60 ? 1.5 : -1.5
            samples.append(
                Sample(
                    time: .seconds(Double(minute) * 60),
                    value: -19 + wave + Double.random(in: -0.2...0.2, using: &random)))
        }
        var fleet = FleetSource()
        fleet.add([LabelName.metric: "t", "device": "freezer", "household": "home"], samples)
        let rules = Self.rules.replacingOccurrences(of: "above: 21", with: "above: -15")
        let outcome = try RuleTrial(try RuleFile.parse(rules, path: "r.yaml"), defaultIntervalMilliseconds: 60_000).run(
            over: fleet, from: .seconds(0), to: .seconds(7 * 86_400))
        let warm = try #require(outcome.proposals.first { $0.rule == "Warm" })
        #expect(warm.proposedLimit > -17.8 && warm.proposedRings == 0, "\(warm)")
    }

    @Test("what the proposal says is what the rule does with it")
    func holds() throws {
        var random = SeededGenerator(seed: 0x11_418)
        let source = Self.source(&random)
        func run(_ rules: String) throws -> RuleTrial.Outcome {
            try RuleTrial(try RuleFile.parse(rules, path: "r.yaml"), defaultIntervalMilliseconds: 60_000).run(
                over: source, from: .seconds(0), to: .seconds(60 * 86_400))
        }
        let warm = try #require(try run(Self.rules).proposals.first)
        let levels = "above: \(warm.proposedLimit), clear: \(warm.proposedClear)"
        let outcome = try run(Self.rules.replacingOccurrences(of: "above: 21", with: levels))
        let rings = outcome.transitions.count { $0.to == .firing && $0.labels["alertname"] == "Warm" }
        #expect(rings == warm.proposedRings, "seed \(random.seed)")
    }

    @Test("limits are found where a query has them, and not where they are none")
    func limits() throws {
        func limits(_ text: String) throws -> [String] {
            try Query(text).limits.map { "\($0.operand.text) \($0.isAbove ? ">" : "<") \($0.value)" }
        }
        #expect(try limits("x > 5 or (y < -2 and z) or w >= 3 unless v") == ["x > 5.0", "y < -2.0", "w > 3.0"])
        #expect(try limits("x > 5 or x > 3 and on (a) ALERTS{alertname=\"A\"}") == ["x > 5.0"])
        #expect(try limits("x > 2 < 5") == [] && limits("x > y") == [] && limits("x > bool 5") == [])
        #expect(try limits("x == 5") == [])
    }
}
