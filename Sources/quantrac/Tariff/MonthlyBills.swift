import Energy
import Foundation
import QueryAPI
import Readings

/// The bills of the months that a report tells.
struct MonthlyBills: Sendable {
    struct Month: Sendable {
        var bill: Bill
        /// Whether the month is over
        var isOver: Bool
        /// From when on the counter is known, if not from the month's begin
        var knownFrom: Timestamp?
        /// How much of the consumption is an estimate
        var estimated: Double
    }

    var tariff: Tariff
    var months: [Month] = []
    /// Months before the tariff's first price
    var withoutPrice: [CivilMonth] = []

    /// - Parameter report: by months of the clock's zone.
    /// - Throws: `ClientError` if the tariff is for something else.
    init(_ report: EnergyReport, _ tariff: Tariff, clock: LocalClock) throws(ClientError) {
        self.tariff = tariff
        guard report.unit == tariff.unit else {
            throw .otherUnit(tariff: tariff.unit, counter: UnitText.human(report.unit))
        }
        for period in report.periods {
            guard let start = InstantText.parse(period.start, clock: clock),
                let end = InstantText.parse(period.end, clock: clock), period.knownFrom != nil
            else { continue }
            let first = CivilTime(utc: clock.wall(at: start))
            guard let month = CivilMonth(year: first.year, month: first.month) else { continue }
            let until = period.knownUntil.flatMap { InstantText.parse($0, clock: clock) } ?? end
            // The day that has just begun counts as one.
            let elapsed = until < end ? CivilTime(utc: clock.wall(at: until)).day : month.days
            do {
                let bill = try tariff.bill(for: month, consumption: period.consumption, daysElapsed: elapsed)
                let from = period.knownFrom.flatMap { InstantText.parse($0, clock: clock) }
                months.append(
                    Month(
                        bill: bill, isOver: until >= end, knownFrom: from.flatMap { $0 > start ? $0 : nil },
                        estimated: period.estimated))
            } catch {
                switch error {
                case .noPrice(let month, _): withoutPrice.append(month)
                case .tooMuch: continue
                }
            }
        }
    }
}
