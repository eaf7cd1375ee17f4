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
            func isByte(_ offset: Int, _ expected: UInt8) -> Bool {
                RuuviAdvertisement.byte(start + offset, of: hexadecimal) == expected
            }
            if isByte(1, 0xFF), isByte(2, 0x99), isByte(3, 0x04), start + 4 <= end {
                self.hexadecimal = hexadecimal
                payload = start + 4..<end
                return
            }
            start = end
        }
        return nil
    }

    /// Calls `body` with what the sensor measured, without the fields that it marked as not available: of a RuuviTag in
    /// formats 5 and C5, of a Ruuvi Air in formats 6 and E1 (docs.ruuvi.com, "Bluetooth advertisements"). Nothing for
    /// other formats, or if there are too few bytes.
    func forEachField(_ body: (_ metric: String, _ value: Double, _ unit: CanonicalUnit?) -> Void) {
        switch (byte(0), payload.count) {
        case (5, 24...):
            readClimate(body)
            for (metric, index) in [("acceleration_x", 7), ("acceleration_y", 9), ("acceleration_z", 11)] {
                readSigned(metric, at: index, over: 1000, .gForce, body)
            }
            readPower(at: 13, body)
            readByte("movement_counter", at: 15, body)
            readWord("measurement_sequence", at: 16, nil, body)
        case (0xC5, 18...):
            readClimate(body)
            readPower(at: 7, body)
            readByte("movement_counter", at: 9, body)
            readWord("measurement_sequence", at: 10, nil, body)
        case (6, 20...):
            // Its sequence number is a part of the one in E1, which the same device may send as well.
            readClimate(body)
            readWord("pm2_5", at: 7, over: 10, .microgramPerCubicMetre, body)
            readWord("co2", at: 9, .partsPerMillion, body)
            readIndexes(at: 11, lowBitsAt: 16, body)
            if let code = byte(13), code != .max {
                // A logarithmic scale: 254 steps to 65,535 lx. The factor is 65536^(1/254).
                let brightness = (0..<code).reduce(1.0) { product, _ in product * 1.0446300614125956 }
                body("luminosity", brightness - 1, .lux)
            }
        case (0xE1, 40...):
            readClimate(body)
            for (metric, index) in [("pm1_0", 7), ("pm2_5", 9), ("pm4_0", 11), ("pm10_0", 13)] {
                readWord(metric, at: index, over: 10, .microgramPerCubicMetre, body)
            }
            readWord("co2", at: 15, .partsPerMillion, body)
            readIndexes(at: 17, lowBitsAt: 28, body)
            if let raw = triple(19), raw != 0xFF_FFFF { body("luminosity", Double(raw) / 100, .lux) }
            if let raw = triple(25), raw != 0xFF_FFFF { body("measurement_sequence", Double(raw), nil) }
        default: break
        }
    }

    // MARK: - Fields

    private typealias Body = (_ metric: String, _ value: Double, _ unit: CanonicalUnit?) -> Void

    /// What stands at the same place in all formats.
    private func readClimate(_ body: Body) {
        readSigned("temperature", at: 1, over: 200, .celsius, body)
        readWord("humidity", at: 3, over: 400, .percent, body)
        if let raw = word(5), raw != .max { body("pressure", Double(raw) + 50_000, .pascal) }
    }

    private func readSigned(
        _ metric: String, at index: Int, over divisor: Double, _ unit: CanonicalUnit, _ body: Body
    ) {
        guard let raw = word(index).map(Int16.init(bitPattern:)), raw != .min else { return }
        body(metric, Double(raw) / divisor, unit)
    }

    private func readWord(
        _ metric: String, at index: Int, over divisor: Double = 1, _ unit: CanonicalUnit?, _ body: Body
    ) {
        guard let raw = word(index), raw != .max else { return }
        body(metric, Double(raw) / divisor, unit)
    }

    private func readByte(_ metric: String, at index: Int, _ body: Body) {
        guard let raw = byte(index), raw != .max else { return }
        body(metric, Double(raw), nil)
    }

    /// Eleven bits of millivolts above 1.6 V, five of steps of 2 dBm above -40 dBm.
    private func readPower(at index: Int, _ body: Body) {
        guard let power = word(index) else { return }
        if power >> 5 != 2047 { body("battery_voltage", Double(power >> 5) + 1600, .millivolt) }
        if power & 31 != 31 { body("tx_power", Double(power & 31) * 2 - 40, .decibelMilliwatt) }
    }

    /// The indexes of volatile organic compounds and nitrogen oxides: nine bits each, the lowest among the flags.
    private func readIndexes(at index: Int, lowBitsAt flagsIndex: Int, _ body: Body) {
        guard let flags = byte(flagsIndex) else { return }
        for (metric, index, bit) in [("voc", index, 6), ("nox", index + 1, 7)] {
            guard let high = byte(index) else { continue }
            let raw = UInt16(high) << 1 | UInt16(flags >> bit & 1)
            if raw != 511 { body(metric, Double(raw), nil) }
        }
    }

    // MARK: - Bytes

    private func byte(_ index: Int) -> UInt8? {
        index < payload.count ? RuuviAdvertisement.byte(payload.lowerBound + index, of: hexadecimal) : nil
    }

    /// Two bytes, the higher one first.
    private func word(_ index: Int) -> UInt16? {
        guard let high = byte(index), let low = byte(index + 1) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    private func triple(_ index: Int) -> UInt32? {
        guard let high = word(index), let low = byte(index + 2) else { return nil }
        return UInt32(high) << 8 | UInt32(low)
    }

    private static func byte(_ index: Int, of hexadecimal: UnsafeRawBufferPointer) -> UInt8? {
        guard 2 * index + 1 < hexadecimal.count, let high = JSONText.hexDigit(hexadecimal[2 * index]),
            let low = JSONText.hexDigit(hexadecimal[2 * index + 1])
        else { return nil }
        return UInt8(high << 4 | low)
    }
}
