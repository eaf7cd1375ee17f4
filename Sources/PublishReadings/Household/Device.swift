/// Who a device is: what its messages say of it beside what it measures.
struct Device: Sendable {
    /// As its owner calls it, in any script: `tủ đông`.
    let name: String
    /// The same for topics and identifiers: small Latin letters, digits, `-`.
    let id: String
    /// Its hardware address: 48 bits.
    let address: UInt64
    /// What it can measure.
    let quantities: [Quantity]

    /// `A4CF12000001`
    var addressText: String { hexadecimal(address, digits: 12).uppercased() }
    /// `A4:CF:12:00:00:01`
    var addressWithColons: String {
        let digits = Array(addressText)
        return stride(from: 0, to: 12, by: 2).map { String(digits[$0...($0 + 1)]) }.joined(separator: ":")
    }
}

/// What a device has to say at one instant.
struct Report: Sendable {
    /// 1, 2, 3 … of this device.
    var number: Int
    var measurements: [Measurement]
    /// When it was measured, in milliseconds since 1970, in truth.
    var time: Int64
    /// What the device's own clock says.
    var writtenTime: Int64
    /// Seconds since the device was switched on.
    var uptime: Int

    subscript(quantity: Quantity) -> Measurement? { measurements.first { $0.quantity == quantity } }
}

/// A reading as Quantrac must understand it.
struct MeantReading: Hashable, Sendable {
    var device: String
    var metric: String
    var value: Double
    /// Canonical spelling; nil where the convention does not tell it.
    var unit: String?
    /// Milliseconds since 1970, if the message tells its time: when it was measured in truth, even if the device's clock
    /// is wrong.
    var time: Int64?
}
