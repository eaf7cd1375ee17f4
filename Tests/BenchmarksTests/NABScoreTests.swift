import Readings
import Testing

@testable import Benchmarks

@Suite("NAB's score of detections is what its description gives by hand")
struct NABScoreTests {
    /// 100 rows, of which 15 do not count, with a window of ten rows.
    private let window = 40...49

    private func best(_ detections: [Int: Double], windows: [ClosedRange<Int>]? = nil) -> Double {
        var score = NABScore()
        score.add(scores: (0..<100).map { detections[$0] ?? 0 }, windows: windows ?? [window])
        return score.best().score
    }

    @Test("silence is worth 0, a detection at the begin of each window 100")
    func bounds() {
        #expect(best([:]) == 0)
        #expect(best([40: 1]) == 100)
        #expect(best([40: 1, 70: 0.5], windows: [window, 70...79]) == 100)
    }

    @Test("a detection is worth less the later it is, and one in the first rows nothing")
    func worth() {
        // 2 / (1 + e^(−5/2)) − 1 = 0.84828, 2 / (1 + e^−5) − 1 = 0.98661.
        #expect(abs(NABScore.worth(ofDetectionAt: 45, in: window) - 0.84828 / 0.98661) < 1e-4)
        #expect(abs(NABScore.worth(ofDetectionAt: 49, in: window) - 0.24492 / 0.98661) < 1e-4)
        #expect(best([5: 1]) == 0)
        // Nothing is lost by a second one in the same window.
        #expect(best([41: 1, 45: 1]) == best([41: 1]))
    }

    @Test("a false alarm costs 0.11, less shortly behind a window")
    func falseAlarms() {
        #expect(NABScore.cost(ofDetectionAt: 30, behind: nil) == 0.11)
        #expect(abs(NABScore.cost(ofDetectionAt: 50, behind: window) - 0.11 * 0.27074) < 1e-4)
        #expect(NABScore.cost(ofDetectionAt: 80, behind: window) == 0.11)
        // One found, two false alarms: (2 − 0.22) of 2.
        #expect(abs(best([40: 1, 20: 1, 90: 1]) - 89) < 1e-9)
    }

    @Test("one threshold for all files, the best one")
    func threshold() {
        var score = NABScore()
        score.add(scores: (0..<100).map { $0 == 40 ? 0.9 : $0 == 20 ? 0.5 : 0 }, windows: [window])
        score.add(scores: (0..<100).map { $0 == 30 ? 0.8 : 0 }, windows: [])
        #expect(score.best().threshold == 0.9)
        #expect(score.best().score == 100)
        #expect(score.score(at: 0.9) == 100)
        // One of one, and two false alarms.
        #expect(abs(score.score(at: 0.5) - 89) < 1e-9)
        #expect(score.score(at: 0.95) == 0)
    }
}

@Suite("Alarms are counted as the one hears them who is told")
struct AlarmTests {
    private func times(_ hours: [Double]) -> [Timestamp] {
        hours.map { Timestamp(milliseconds: Int64($0 * 3_600_000)) }
    }

    @Test("alarms within six hours are one; those outside of faults are false")
    func alarms() throws {
        var random = SeededRandom(seed: 1)
        var samples = times((0..<100).map(Double.init)).map { Sample(time: $0, value: 1) }
        let clean = samples
        let fault = try #require(Fault(.shift, at: 50, in: &samples, deviation: 1, &random))
        #expect(fault.time == clean[50].time...clean[62].time)
        #expect((0..<100).allSatisfy { (samples[$0].value == 1) == !(50...62).contains($0) })
        var alarms = Alarms(threshold: 1)
        // Two alarms before the fault, of three readings; one in it after two hours.
        let loud: Set = [20, 24, 40, 52]
        alarms.add((0..<100).map { loud.contains($0) ? 2 : 0 }, samples, from: clean[10].time, faults: [fault])
        #expect(alarms.falseAlarms == 2 && alarms.recall == 100 && alarms.delay == 120)
        #expect(abs(alarms.precision - 100.0 / 3) < 1e-9)
        #expect(abs(alarms.falseAlarmsPerYear - 2 / (89.0 / 24) * 365) < 1e-9)
    }
}
