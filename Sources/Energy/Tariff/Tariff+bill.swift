import Foundation

extension Tariff {
    /// The bill of a month, or the bill so far.
    ///
    /// Where a price changes within the month, consumption and steps are split by days, as EVN does where no one reads the
    /// meter on that day: the old prices get consumption ÷ days × old days, the new ones the rest; a step is width ÷ days of
    /// the month × days of the price wide. The fee is split likewise. The tax is that of the month's last day, on which the
    /// meter is read. The running month has its whole steps and fee from its first day on.
    ///
    /// - Parameters:
    ///   - consumption: in ``unit``, 0 or more.
    ///   - daysElapsed: how many days of the month have begun; all of them once it is over.
    public func bill(
        for month: CivilMonth, consumption: Double, daysElapsed: Int
    ) throws(BillError) -> Bill {
        guard consumption >= 0, consumption < 1e15 else { throw .tooMuch }
        let all = Decimal(consumption).rounded(rounding.consumption)
        let elapsed = min(max(daysElapsed, 1), month.days)
        var parts: [Bill.Part] = []
        var rest = all
        for days in stretches(of: month, prices.map(\.from)) where days.lowerBound <= elapsed {
            guard let steps: [Step] = prices.value(on: month.date(days.lowerBound)) else {
                throw .noPrice(month: month, first: prices.first?.from)
            }
            let begun = min(days.upperBound, elapsed) - days.lowerBound + 1
            let isLast = days.upperBound >= elapsed
            let share = isLast ? rest : (all * Decimal(begun) / Decimal(elapsed)).rounded(rounding.consumption)
            rest -= share
            let lines = lines(share, steps: steps, days: days.count, of: month.days)
            parts.append(Bill.Part(days: days, consumption: share, lines: lines))
        }
        let fee = fee(of: month)
        let percent = taxes.value(on: month.date(month.days)) ?? 0
        let net = parts.flatMap(\.lines).reduce(fee) { $0 + $1.cost }
        let tax = (net * percent / 100).rounded(rounding.money)
        return Bill(
            month: month, consumption: all, parts: parts, fee: fee, taxPercent: percent, tax: tax, total: net + tax)
    }

    private func lines(_ amount: Decimal, steps: [Step], days: Int, of month: Int) -> [Bill.Line] {
        var lines: [Bill.Line] = []
        var rest = amount
        var start: Decimal = 0
        for (index, step) in steps.enumerated() where rest > 0 {
            var here = rest
            if let end = step.upTo {
                let width = end - start
                let own = days == month ? width : (width * Decimal(days) / Decimal(month)).rounded(rounding.steps)
                here = min(rest, own)
                start = end
            }
            rest -= here
            guard here > 0 else { continue }
            let cost = (here * step.price).rounded(rounding.money)
            lines.append(Bill.Line(step: index + 1, amount: here, price: step.price, cost: cost))
        }
        return lines
    }

    private func fee(of month: CivilMonth) -> Decimal {
        stretches(of: month, fees.map(\.from)).reduce(0 as Decimal) { sum, days in
            let fee = fees.value(on: month.date(days.lowerBound)) ?? 0
            return sum + (fee * Decimal(days.count) / Decimal(month.days))
        }.rounded(rounding.money)
    }

    /// The month's days, cut where one of `dates` begins.
    private func stretches(of month: CivilMonth, _ dates: [CivilDate]) -> [ClosedRange<Int>] {
        let cuts = Set(dates.map(month.day)).filter { (2...month.days).contains($0) }.sorted()
        return zip([1] + cuts, cuts.map { $0 - 1 } + [month.days]).map { $0...$1 }
    }
}

extension CivilMonth {
    /// The day of the month, which must have it.
    fileprivate func date(_ day: Int) -> CivilDate {
        CivilDate(year: first.year, month: first.month, day: day) ?? first
    }
}

extension Decimal {
    /// Half away from zero.
    func rounded(_ digits: Int) -> Decimal {
        var (value, result) = (self, Decimal())
        NSDecimalRound(&result, &value, digits, .plain)
        return result
    }
}
