import Intake
import PayloadDecoders
import Readings
import TestSupport
import Testing

@Suite("A Sparkplug edge node whose birth is missing is asked for it, and seldom")
struct RebirthTests {
    private final class Bench {
        let store = MemoryStore()
        var time = Timestamp(milliseconds: 1_790_000_000_000)
        var asked: [RebirthCommand] = []
        private(set) var intake: Intake!

        init(asks: Bool = true) {
            intake = Intake(
                store: store,
                router: HouseholdRouter(
                    patterns: ["city/{household}/#"].compactMap(HouseholdPattern.init), default: "home"),
                zone: .utc, askForRebirth: asks ? { [unowned self] in asked.append($0) } : nil,
                resolutionMilliseconds: 1, ledger: IntakeLedger(), now: { [unowned self] in time },
                listener: { nil })
        }

        func receive(_ payload: [UInt8], on topic: String) {
            payload.withUnsafeBytes {
                intake.receive(topic: topic, payload: $0, retained: false, packetID: 0, isRedelivery: nil)
            }
        }

        func receiveData(of edge: String = "press", under prefix: String = "") {
            receive(SparkplugBytes.data, on: "\(prefix)spBv1.0/factory/NDATA/\(edge)")
        }

        func pass(minutes: Int64) { time = time.advanced(byMilliseconds: minutes * 60_000) }
    }

    @Test func theCommandIsSparkplugs() {
        let bench = Bench()
        bench.receiveData()
        #expect(bench.asked.map(\.topic) == ["spBv1.0/factory/NCMD/press"])
        // timestamp, and a metric of name, timestamp, datatype Boolean, true.
        let time: [UInt8] = [0x80, 0xD8, 0xC1, 0xA2, 0x8C, 0x34]
        let metric = [0x0A, 20] + Array("Node Control/Rebirth".utf8) + [0x18] + time + [0x20, 11, 0x70, 1]
        #expect(bench.asked.first?.payload == [0x08] + time + [0x12, UInt8(metric.count)] + metric)
    }

    @Test func theHouseholdsPlaceStaysInFront() {
        let bench = Bench()
        bench.receiveData(under: "city/h7/")
        #expect(bench.asked.map(\.topic) == ["city/h7/spBv1.0/factory/NCMD/press"])
    }

    @Test func itIsAskedAtOnceThenSeldomAndAnewAfterRest() {
        let bench = Bench()
        var at: [Int64] = []
        for minute in 0..<300 {
            for _ in 0..<20 { bench.receiveData() }
            if bench.asked.count > at.count { at.append(Int64(minute)) }
            #expect(bench.asked.count == at.count)
            bench.pass(minutes: 1)
        }
        #expect(at == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
        bench.pass(minutes: 60)
        bench.receiveData()
        bench.pass(minutes: 1)
        bench.receiveData()
        #expect(bench.asked.count == at.count + 2)
    }

    @Test func aClockThatIsSetBackDoesNotKeepItWaiting() {
        let bench = Bench()
        bench.receiveData()
        bench.pass(minutes: -100_000)
        for _ in 0..<5 {
            bench.receiveData()
            bench.pass(minutes: 1)
        }
        #expect(bench.asked.count >= 2)
    }

    @Test func whoKnowsItsBirthIsNotAsked() {
        let bench = Bench()
        bench.receive(SparkplugBytes.birth, on: "spBv1.0/factory/NBIRTH/press")
        bench.receive(SparkplugBytes.data, on: "spBv1.0/factory/NDATA/press")
        #expect(bench.asked.isEmpty)
    }

    @Test func everNewNamesDoNotMakeUsPublishWithoutEnd() {
        let bench = Bench()
        for number in 0..<50_000 { bench.receiveData(of: "e\(number)") }
        #expect(bench.asked.count == 60)
        bench.pass(minutes: 1)
        for number in 0..<50_000 { bench.receiveData(of: "e\(number)") }
        #expect(bench.asked.count <= 121)
    }

    @Test func whereItIsForbiddenNobodyIsAsked() {
        let bench = Bench(asks: false)
        bench.receiveData()
        #expect(bench.asked.isEmpty)
    }
}
