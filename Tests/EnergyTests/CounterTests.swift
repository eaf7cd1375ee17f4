import Energy
import Foundation
import Readings
import Testing

@Suite("Reset, dip, replacement, gap and spike are told apart")
struct CounterTests {
    /// 2026-11-01 00:00 UTC
    private static let start: Int64 = 1_793_491_200_000

    /// Folds values that come each `minutes` minutes from the beginning of a day; nil is a reading that failed.
    private func fold(
        _ values: [Double?], minutes: Double = 10, unit: String? = "kWh", by kind: PeriodKind = .day, days: Int64 = 1
    ) -> [PeriodConsumption] {
        let start = Timestamp(milliseconds: CounterTests.start)
        let end = start.advanced(byMilliseconds: days * 86_400_000)
        var fold = CounterFold(edges: kind.edges(from: start, to: end, zone: .gmt), unit: unit)
        for (index, value) in values.enumerated() {
            guard let value else { continue }
            fold.add(
                Sample(time: start.advanced(byMilliseconds: Int64(Double(index) * minutes * 60_000)), value: value))
        }
        return fold.finish()
    }

    private func events(_ periods: [PeriodConsumption]) -> [CounterEvent] { periods.flatMap(\.events) }
    private func total(_ periods: [PeriodConsumption]) -> Double {
        let sum = periods.reduce(0) { $0 + $1.consumption }
        return (sum * 1e9).rounded() / 1e9
    }

    @Test func aCounterThatCountsOn() {
        let day = fold([100, 100.1, 100.1, 100.4])
        #expect(total(day) == 0.4)
        #expect(events(day).isEmpty)
        #expect(day.first?.estimated == 0)
        #expect(day.first?.first?.value == 100)
        #expect(day.first?.last?.value == 100.4)
        #expect(day.first?.isComplete == false)
        #expect(day.first?.known?.upperBound.milliseconds == CounterTests.start + 1_800_000)
    }

    @Test func aResetCountsWhatItShows() {
        let day = fold([100, 100.1, 0.05, 0.1, 0.2, 0.3])
        #expect(total(day) == 0.4)
        #expect(events(day).map(\.kind) == [.reset])
        #expect(events(day).map(\.counted) == [0.05])
        #expect(events(day).map(\.before.value) == [100.1])
        #expect(events(day).map(\.after.value) == [0.05])
        #expect(events(day).allSatisfy { $0.isSettled })
    }

    @Test func aDipCountsNothing() {
        // A device tells 0 while it starts.
        let short = fold([100, 100.1, 0, 0, 100.2, 100.3])
        #expect(total(short) == 0.3)
        #expect(events(short).map(\.kind) == [.dip])
        // Rounding by little, for as long as it likes.
        let little = fold([100, 100.1] + [Double](repeating: 100.05, count: 40) + [100.1, 100.2])
        #expect(total(little) == 0.2)
        #expect(events(little).map(\.kind) == [.dip])
    }

    @Test func anotherMeterCountsFromItsOwnLevel() {
        let lower = fold([5000, 5000.1, 732.4, 732.5, 732.6, 732.7])
        #expect(total(lower) == 0.4)
        #expect(events(lower).map(\.kind) == [.replacement])
        let higher = fold([5000, 5000.1, 9000, 9000.1, 9000.2, 9000.3])
        #expect(total(higher) == 0.4)
        #expect(events(higher).map(\.kind) == [.replacement])
        #expect(events(higher).map(\.counted) == [0])
    }

    @Test func aSpikeCountsNothing() {
        let high = fold([100, 100.1, 65_535, 100.2, 100.3])
        #expect(total(high) == 0.3)
        #expect(events(high).map(\.kind) == [.spike])
        // Of a size that could have been consumed: the next reading contradicts it.
        let low = fold([100, 100.1, 104, 100.2, 100.3])
        #expect(total(low) == 0.3)
        #expect(events(low).map(\.kind) == [.spike])
        #expect(events(low).map(\.after.value) == [104])
    }

    @Test func aGapIsSpreadEvenly() {
        // Each ten minutes from midnight, then none from 10:00 on day 1 until 14:00 on day 2: 28 hours, 14 kWh.
        var values = (0...60).map { Double?(100 + Double($0) * 0.01) }
        values += [Double?](repeating: nil, count: 28 * 6 - 1)
        values += (0...60).map { 114.6 + Double($0) * 0.01 }
        let days = fold(values, days: 2)
        #expect(total(days) == 15.2)
        #expect(events(days).map(\.kind) == [.gap])
        #expect(days.map { ($0.estimated * 1e6).rounded() / 1e6 } == [7, 7])
        #expect(days.map { ($0.consumption * 1e6).rounded() / 1e6 } == [7.6, 7.6])
        // One that stood still has no gap.
        let still = fold([1, 1, 1, 1] + [Double?](repeating: nil, count: 90) + [1, 1])
        #expect(events(still).isEmpty)
    }

    @Test func whatIsNotSettledCountsNothingYet() {
        let day = fold([100, 100.1, 0, 0.1])
        #expect(total(day) == 0.1)
        #expect(events(day).map(\.kind) == [.reset])
        #expect(events(day).map(\.isSettled) == [false])
        #expect(day.first?.known?.upperBound.milliseconds == CounterTests.start + 600_000)
    }

    /// 1 MW, a hundred times what a household's connection lets through: nothing is wrong with that.
    @Test func aFastCounterIsNoJump() {
        let day = fold((0..<100).map { 1000 + Double($0) * 167 }, minutes: 10)
        #expect(total(day) == 99 * 167)
        #expect(events(day).isEmpty)
    }

    /// A counter of whole cubic metres, or thousands of pulses, shows its steps late.
    @Test func aCoarseCounterIsNoJump() {
        #expect(events(fold([5, 5, 5, 6, 6, 6, 7, 7], minutes: 0.1, unit: "m3")).isEmpty)
        let pulses = fold([0, 0, 1000, 1000, 2000, 2000, 3000], minutes: 0.1, unit: nil)
        #expect(events(pulses).isEmpty)
        #expect(total(pulses) == 3000)
    }

    /// Zigbee plugs save their counter now and then, and lose the newest counts with the power.
    @Test func aCounterThatLosesItsNewestCountsGoesOn() {
        let day = fold([12, 12.1, 12.2, 12.3, 12.05, 12.1, 12.15, 12.2, 12.25, 12.3, 12.35])
        #expect(events(day).map(\.kind) == [.replacement])
        #expect(total(day) == 0.6)
    }

    /// Two meters that tell their readings under one name: the one that began is believed.
    @Test func twoMetersUnderOneName() {
        let day = fold((0..<100).flatMap { [5000 + Double($0) * 0.1, 700 + Double($0)] }, minutes: 5)
        #expect(total(day) == 9.9)
        #expect(day.first?.eventCount == 100)
        #expect(day.flatMap(\.events).count == PeriodConsumption.mostEvents)
    }

    @Test func nonsenseIsLeftOut() {
        let wild: [Double?] = [
            .nan, .infinity, 1, -1e308, 1e308, .greatestFiniteMagnitude, 1, 1.1, 0, -.infinity, 1.2, -1e308, 1e308,
        ]
        #expect(total(fold(wild)) == 0.2)
        #expect(fold([]).map(\.consumption) == [0])
        #expect(fold([]).map(\.known) == [nil])
        var fold = CounterFold(edges: [], unit: nil)
        fold.add(Sample(time: Timestamp(milliseconds: .max), value: 1))
        fold.add(Sample(time: Timestamp(milliseconds: .min), value: 2))
        fold.add(
            Aggregate(
                start: Timestamp(milliseconds: .max), count: .max, min: .nan, max: .nan, sum: 0, first: .nan, last: 1),
            width: .max)
        #expect(fold.finish().isEmpty)
        fold = CounterFold(edges: [], unit: nil)
        for time in [Int64.min, .min + 1, .max - 1, .max] {
            fold.add(Sample(time: Timestamp(milliseconds: time), value: 1))
        }
        #expect(fold.finish().isEmpty)
    }

    @Test func theFoldSaysWhenItHasSeenEnough() {
        let start = Timestamp(milliseconds: CounterTests.start)
        let edges = PeriodKind.hour.edges(from: start, to: start.advanced(byMilliseconds: 3_600_000), zone: .gmt)
        var fold = CounterFold(edges: edges, unit: "kWh")
        var taken = 0
        for minute in 0..<10_000 where !fold.isDone {
            fold.add(
                Sample(
                    time: start.advanced(byMilliseconds: Int64(minute) * 60_000 - 30_000), value: Double(minute) / 10))
            taken = minute
        }
        #expect(taken == 62)
        let hour = fold.finish()
        #expect(total(hour) == 6)
        #expect(hour.first?.isComplete == true)
        #expect(hour.first?.estimated == 0)
    }
}
