/// A unit in which a device gives its values, where they are kept in another one.
public struct OriginalUnit: Sendable {
    private let conversion: CanonicalUnit

    /// - Parameter spelling: as `Reading.originalUnit` has it. Nil if no value is converted from that.
    public init?(_ spelling: String) {
        guard let unit = UnitTable.unit(spelling), unit.original != nil else { return nil }
        conversion = unit
    }

    /// What the device gave, of a value that is kept.
    public func value(of kept: Double) -> Double {
        conversion.unconverted(kept)
    }
}
