import Foundation

/// What a month's consumption costs by a tariff.
public struct Bill: Hashable, Sendable {
    /// What fell into one step.
    public struct Line: Hashable, Sendable, Encodable {
        /// From 1
        public var step: Int
        public var amount: Decimal
        public var price: Decimal
        /// `amount` × `price`, rounded
        public var cost: Decimal
    }

    /// The days of the month on which the same prices counted.
    public struct Part: Hashable, Sendable {
        /// Days of the month, both included, from 1
        public var days: ClosedRange<Int>
        public var consumption: Decimal
        /// Steps in which there is something
        public var lines: [Line]
    }

    public var month: CivilMonth
    /// Rounded as the tariff says
    public var consumption: Decimal
    /// One, or several if a price changed in the month
    public var parts: [Part]
    public var fee: Decimal
    public var taxPercent: Decimal
    public var tax: Decimal
    /// With tax
    public var total: Decimal

    /// Before tax
    public var net: Decimal { parts.flatMap(\.lines).reduce(fee) { $0 + $1.cost } }
}

/// Why a month has no bill.
public enum BillError: Error, Equatable {
    /// The tariff's prices begin after the month does.
    case noPrice(month: CivilMonth, first: CivilDate?)
    /// No more can be consumed than numbers hold.
    case tooMuch
}
