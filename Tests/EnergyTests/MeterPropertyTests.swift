import Energy
import Foundation
import Readings
import TestSupport
import Testing

@Suite("Whatever happens to a meter, what it counted is neither lost nor counted twice")
struct MeterPropertyTests {
    /// A Sunday on which clocks are put back in Berlin lies within.
    private static let start = Timestamp(milliseconds: 1_792_000_000_000)
    private static let days: Int64 = 21

    private func edges(_ kind: PeriodKind) throws -> [Timestamp] {
        kind.edges(
            from: Self.start.advanced(byMilliseconds: -86_400_000),
            to: Self.start.advanced(byMilliseconds: (Self.days + 1) * 86_400_000),
            zone: try #require(TimeZone(identifier: "Europe/Berlin")))
    }

    private func periods(_ samples: [Sample], by kind: PeriodKind) throws -> [PeriodConsumption] {
        var fold = CounterFold(edges: try edges(kind), unit: "kWh")
        for sample in samples { fold.add(sample) }
        return fold.finish()
    }

    private func total(_ periods: [PeriodConsumption]) -> Double { periods.reduce(0) { $0 + $1.consumption } }

    @Test(arguments: 1...12, PeriodKind.allCases)
    func theSumOfThePeriodsIsWhatWasConsumed(seed: Int, by kind: PeriodKind) throws {
        let meter = SimulatedMeter(seed: UInt64(seed), days: Self.days, from: Self.start, withMishaps: false)
        let periods = try periods(meter.samples, by: kind)
        let expected = (meter.consumed.last ?? 0) - (meter.consumed.first ?? 0)
        #expect(abs(total(periods) - expected) < 1e-6, "seed \(seed)")
        #expect(periods.allSatisfy { $0.consumption >= 0 && $0.estimated == 0 && $0.eventCount == 0 }, "seed \(seed)")
        // Each period is what the meter showed at its ends, as far as readings tell.
        for period in periods where period.isComplete {
            let shown = value(meter, at: period.end) - value(meter, at: period.start)
            #expect(abs(period.consumption - shown) < 1e-6, "seed \(seed), \(period.start)")
        }
    }

    /// Between two readings the meter goes evenly.
    private func value(_ meter: SimulatedMeter, at time: Timestamp) -> Double {
        let samples = meter.samples
        guard let next = samples.firstIndex(where: { $0.time >= time }), next > 0 else { return .nan }
        let (a, b) = (samples[next - 1], samples[next])
        let part = Double(time.milliseconds(since: a.time)) / Double(b.time.milliseconds(since: a.time))
        return a.value + (b.value - a.value) * part
    }

    @Test(arguments: 1...40)
    func mishapsAreToldAndCostNothing(seed: Int) throws {
        let meter = SimulatedMeter(seed: UInt64(seed), days: Self.days, from: Self.start, withMishaps: true)
        let periods = try periods(meter.samples, by: .hour)
        let expected = (meter.consumed.last ?? 0) - (meter.consumed.first ?? 0)
        #expect(abs(total(periods) - expected) < 1e-6, "seed \(seed)")
        let told = periods.flatMap(\.events).filter(\.isSettled)
        // The last mishap may have come too late to be settled.
        let settled = meter.mishaps.filter {
            meter.samples.last?.time.milliseconds(since: $0.time) ?? 0 > 3_600_000
        }
        let expectedKinds = settled.map { "\($0.kind)" }
        #expect(told.prefix(settled.count).map(\.kind.rawValue) == expectedKinds, "seed \(seed)")
        for (event, mishap) in zip(told, settled) {
            #expect(abs(event.before.time.milliseconds(since: mishap.time)) < 70_000, "seed \(seed), \(event)")
        }
        #expect(told.count <= meter.mishaps.count, "seed \(seed)")
    }

    /// Minutes or hours tell what their readings told.
    @Test(arguments: 1...6, [60_000, 3_600_000] as [Int64])
    func stepsGiveTheSameTotal(seed: Int, width: Int64) throws {
        let meter = SimulatedMeter(seed: UInt64(seed), days: Self.days, from: Self.start, withMishaps: true)
        let raw = try periods(meter.samples, by: .day)
        var fold = CounterFold(edges: try edges(.day), unit: "kWh")
        for bucket in buckets(meter.samples, width: width) { fold.add(bucket, width: width) }
        let steps = fold.finish()
        // Of an hour in which the meter was changed no one can tell what the old one counted; the meter draws at most 8 kW.
        let lost = Double(meter.mishaps.count { $0.kind == .replacement }) * 8 * Double(width) / 3_600_000
        #expect(abs(total(steps) - total(raw)) < lost + 0.1, "seed \(seed): \(total(steps)), \(total(raw))")
        #expect(steps.contains { $0.coarsestStep == width })
        // Where nothing but counting on happened the totals are the same, and a day differs by what a step holds.
        let quiet = SimulatedMeter(seed: UInt64(seed), days: Self.days, from: Self.start, withMishaps: false)
        let quietRaw = try periods(quiet.samples, by: .day)
        fold = CounterFold(edges: try edges(.day), unit: "kWh")
        for bucket in buckets(quiet.samples, width: width) { fold.add(bucket, width: width) }
        let quietSteps = fold.finish()
        #expect(abs(total(quietSteps) - total(quietRaw)) < 1e-6, "seed \(seed)")
        for (a, b) in zip(quietSteps, quietRaw) {
            #expect(abs(a.consumption - b.consumption) < 8 * Double(width) / 3_600_000, "seed \(seed)")
        }
        #expect(quietSteps.allSatisfy { $0.eventCount == 0 }, "seed \(seed)")
    }

    private func buckets(_ samples: [Sample], width: Int64) -> [Aggregate] {
        var out: [Aggregate] = []
        for sample in samples {
            let start = Timestamp(milliseconds: sample.time.milliseconds / width * width)
            guard var last = out.last, last.start == start else {
                let value = sample.value
                out.append(
                    Aggregate(start: start, count: 1, min: value, max: value, sum: value, first: value, last: value))
                continue
            }
            last.count += 1
            last.min = min(last.min, sample.value)
            last.max = max(last.max, sample.value)
            last.last = sample.value
            out[out.count - 1] = last
        }
        return out
    }

    /// Nothing that a device could send makes it stop, or remember more and more.
    @Test(arguments: 1...20)
    func anythingIsTaken(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var fold = CounterFold(edges: try edges(.hour), unit: seed % 2 == 0 ? "kWh" : nil)
        let values: [Double] = [0, 1, -1, 1e300, -1e300, 1e-300, .nan, .infinity, 100, 100.05, 12_345.6, 65_535]
        for _ in 0..<5000 {
            let time = Self.start.advanced(byMilliseconds: Int64.random(in: 0...1_000_000_000, using: &generator))
            let value = values.randomElement(using: &generator) ?? 0
            if Bool.random(using: &generator) {
                fold.add(Sample(time: time, value: value))
            } else {
                let other = values.randomElement(using: &generator) ?? 0
                fold.add(
                    Aggregate(
                        start: time, count: Int.random(in: 0...5, using: &generator), min: other, max: value, sum: 0,
                        first: value, last: other),
                    width: Int64.random(in: 0...100_000, using: &generator))
            }
        }
        let periods = fold.finish()
        #expect(periods.allSatisfy { $0.consumption >= 0 }, "seed \(seed)")
        #expect(periods.allSatisfy { $0.events.count <= PeriodConsumption.mostEvents }, "seed \(seed)")
    }
}
