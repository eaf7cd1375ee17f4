/// The manufacturer's part of a Ruuvi sensor's Bluetooth advertisement. Borrows the text that it was found in.
struct RuuviAdvertisement {
    private let hexadecimal: UnsafeRawBufferPointer
    /// Which bytes of the advertisement, from the data format on.
    private let payload: Range<Int>

    /// Finds the part in a whole advertisement: structures of a length, a type and that many bytes (Bluetooth Core
    /// Specification, volume 3, part C, §11), of which type 0xFF begins with the company's number. Nil if no such part of
    /// Ruuvi's is in it.
    init?(hexadecimal: UnsafeRawBufferPointer) {
        let size = hexadecimal.count / 2
        var start = 0
        while let length = RuuviAdvertisement.byte(start, of: hexadecimal), length > 0 {
            let end = min(size, start + 1 + Int(length))
            let isRuuvi = [0xFF, 0x99, 0x04].enumerated().allSatisfy { offset, expected in
                RuuviAdvertisement.byte(start + 1 + offset, of: hexadecimal) == expected
            }
            if isRuuvi, start + 4 <= end {
                self.hexadecimal = hexadecimal
                payload = start + 4..<end
                return
            }
            start = end
        }
        return nil
    }

    /// Calls `body` with what the sensor measured, without the fields that it marked as not available. Nothing for
    /// formats other than 5 (ruuvi-sensor-protocols, `dataformat_05.md`), or if there are too few bytes.
    func forEachField(_ body: (_ metric: String, _ value: Double, _ unit: CanonicalUnit?) -> Void) {
        guard payload.count >= 24, byte(0) == 5 else { return }
        func signed(_ metric: String, at index: Int, _ unit: CanonicalUnit, over divisor: Double) {
            guard let raw = word(index).map(Int16.init(bitPattern:)), raw != .min else { return }
            body(metric, Double(raw) / divisor, unit)
        }
        signed("temperature", at: 1, .celsius, over: 200)
        if let raw = word(3), raw != .max { body("humidity", Double(raw) / 400, .percent) }
        if let raw = word(5), raw != .max { body("pressure", Double(raw) + 50_000, .pascal) }
        signed("acceleration_x", at: 7, .gForce, over: 1000)
        signed("acceleration_y", at: 9, .gForce, over: 1000)
        signed("acceleration_z", at: 11, .gForce, over: 1000)
        if let power = word(13) {
            if power >> 5 != 2047 { body("battery_voltage", Double(power >> 5) + 1600, .millivolt) }
            if power & 31 != 31 { body("tx_power", Double(power & 31) * 2 - 40, .decibelMilliwatt) }
        }
        if let raw = byte(15), raw != .max { body("movement_counter", Double(raw), nil) }
        if let raw = word(16), raw != .max { body("measurement_sequence", Double(raw), nil) }
    }

    private func byte(_ index: Int) -> UInt8? {
        index < payload.count ? RuuviAdvertisement.byte(payload.lowerBound + index, of: hexadecimal) : nil
    }

    /// Two bytes, the higher one first.
    private func word(_ index: Int) -> UInt16? {
        guard let high = byte(index), let low = byte(index + 1) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    private static func byte(_ index: Int, of hexadecimal: UnsafeRawBufferPointer) -> UInt8? {
        guard 2 * index + 1 < hexadecimal.count, let high = JSONText.hexDigit(hexadecimal[2 * index]),
            let low = JSONText.hexDigit(hexadecimal[2 * index + 1])
        else { return nil }
        return UInt8(high << 4 | low)
    }
}
