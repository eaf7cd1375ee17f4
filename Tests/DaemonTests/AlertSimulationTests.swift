import Readings
import Testing

@testable import Delivery

/// No alert lost, none told twice as a new one, none fired or ended by a gap, by late readings, or by a clock that is set forward.
@Suite("Alerts outlive what happens to a daemon") struct AlertSimulationTests {
    @Test func livesBySeed() {
        let base = UInt64.random(in: 0...UInt64.max / 2)
        var (firings, judged) = (0, 0)
        for seed in base..<base + 20 {
            var life = AlertLife(seed: seed)
            life.live()
            #expect(life.complaints.isEmpty, "seed \(seed): \(life.complaints.prefix(2)), \(life.events)")
            judged += life.judged
            for (alert, news) in life.heard {
                #expect(
                    news.map(\.isFiring) == news.indices.map { $0.isMultiple(of: 2) },
                    "seed \(seed): \(alert) begins and ends in turn, \(news.map(\.key)), \(life.events)")
                // An average rises as often as it does: each time is looked at.
                guard let labels = news.first?.labels, labels["alertname"] != "Mean" else { continue }
                let begun = news.count(where: \.isFiring)
                firings += begun
                #expect(
                    begun <= life.rises[labels.device] ?? 0,
                    "seed \(seed): \(labels) fired \(begun) times, \(life.rises), \(life.events)")
            }
            for sensor in life.sensorNames.indices {
                for alert in ["Warm", "Held", "Mean"] {
                    #expect(life.isRight(alert, sensor), "seed \(seed): \(alert) of s\(sensor), \(life.events)")
                }
            }
        }
        print("\(firings) alerts in 20 lives from seed \(base), \(judged) changes of an average")
        #expect(firings > 100 && judged > 100)
    }
}
