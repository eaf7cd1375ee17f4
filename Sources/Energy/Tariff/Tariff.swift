import Foundation

/// Stepped prices with the dates from which they count, value-added tax, and a fee for each month.
public struct Tariff: Hashable, Sendable {
    /// So many of the month's units, at a price each.
    public struct Step: Hashable, Sendable {
        /// Where the step ends; nil for the last one, which has no end.
        public var upTo: Decimal?
        public var price: Decimal

        public init(upTo: Decimal?, price: Decimal) {
            self.upTo = upTo
            self.price = price
        }
    }

    /// What counts from a day on, until the next one begins.
    public struct Dated<Value: Hashable & Sendable>: Hashable, Sendable {
        public var from: CivilDate
        public var value: Value

        public init(from: CivilDate, value: Value) {
            self.from = from
            self.value = value
        }
    }

    /// Digits after the point to which is rounded, half away from zero.
    public struct Rounding: Hashable, Sendable {
        /// Of the month's consumption, and of its parts where a price changes.
        public var consumption: Int
        /// Of the widths of steps where a price changes.
        public var steps: Int
        /// Of each line of the bill, and of the tax.
        public var money: Int

        public init(consumption: Int, steps: Int, money: Int) {
            self.consumption = consumption
            self.steps = steps
            self.money = money
        }
    }

    public var name: String
    public var currency: String
    /// Of the consumption, as the store spells it: `kWh`, `m3`
    public var unit: String
    public var rounding: Rounding
    /// Ascending; the steps of each ascend, and the last has no end.
    public var prices: [Dated<[Step]>]
    /// In percent, ascending by date.
    public var taxes: [Dated<Decimal>]
    /// For a whole month, ascending by date.
    public var fees: [Dated<Decimal>]

    public init(
        name: String, currency: String, unit: String, rounding: Rounding, prices: [Dated<[Step]>],
        taxes: [Dated<Decimal>], fees: [Dated<Decimal>]
    ) {
        self.name = name
        self.currency = currency
        self.unit = unit
        self.rounding = rounding
        self.prices = prices
        self.taxes = taxes
        self.fees = fees
    }
}

extension Array {
    /// What counts on `day`; nil before the first.
    func value<Value>(on day: CivilDate) -> Value? where Element == Tariff.Dated<Value> {
        last { $0.from <= day }?.value
    }
}
