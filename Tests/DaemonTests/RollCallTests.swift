import Delivery
import PromQL
import Readings
import TestSupport
import Testing

@testable import quantracd

@Suite("A digest names the devices that are missed")
struct RollCallTests {
    private func labels(_ device: String, household: String = "home", metric: String = "temperature") -> Labels {
        Labels([
            Label(LabelName.metric, metric), Label(LabelName.household, household), Label(LabelName.device, device),
        ])
    }

    private func hourly(days: ClosedRange<Int>) -> [Sample] {
        (days.lowerBound * 24..<days.upperBound * 24).map { Sample(time: .seconds(Double($0) * 3600), value: 1) }
    }

    @Test func whoSpokeEachDayAndIsSilentForADayIsMissed() throws {
        var source = MemorySeriesSource()
        source.add(labels("heard"), hourly(days: 60...100))
        source.add(labels("gone"), hourly(days: 60...98))
        source.add(labels("gone", metric: "humidity"), hourly(days: 60...80))
        source.add(labels("moved out"), hourly(days: 10...60))
        source.add(labels("new"), hourly(days: 97...98))
        source.add(labels("door"), [80, 90, 97].flatMap { hourly(days: $0...$0 + 1).prefix(1) })
        source.add(labels("rule", metric: "recorded"), hourly(days: 60...98))
        source.add(labels("neighbour", household: "h2"), hourly(days: 60...98))
        let found = try RollCall(source: source, rulesOwn: ["recorded"], wall: .seconds(100 * 86_400)).households(
            and: "empty")
        #expect(found.map(\.name) == ["empty", "h2", "home"])
        #expect(found.map(\.devices) == [0, 1, 4])
        #expect(found.map(\.unheard) == [[], ["neighbour"], ["gone"]])
    }
}
