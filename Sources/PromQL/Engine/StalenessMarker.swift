/// The value that ends a series at once instead of after the lookback: a NaN with a payload of its own, as Prometheus
/// stores and sends it (`value.StaleNaN`).
public enum StalenessMarker {
    /// `value.StaleNaN` in Prometheus's sources.
    public static let bitPattern: UInt64 = 0x7FF0_0000_0000_0002

    /// Whether `value` is the marker, bit by bit: other NaNs are values.
    public static func isMarker(_ value: Double) -> Bool { value.bitPattern == bitPattern }
}
