/// A Ruuvi Gateway: the advertisement of a RuuviTag in hexadecimal, data format 5 (docs.ruuvi.com). A tag measures
/// temperature, humidity, air pressure and its battery's voltage, and no more.
struct Ruuvi: Convention {
    let name = "ruuvi"
    let summary = "ruuvi/<gateway>/<tag> with the raw advertisement, gw_status"
    let tellsTime = true

    private static let gateway = "C8:25:2D:8E:9C:2C"
    /// What stands for a value that the tag does not have.
    private static let missing: UInt16 = 0xFFFF
    private static let missingSigned: UInt16 = 0x8000

    func announcements(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("ruuvi/\(Ruuvi.gateway)/gw_status", #"{"state":"online"}"#, retain: true)]
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var meant: [MeantReading] = []
        /// The steps of `size` above `zero` that come nearest.
        func steps(_ quantity: Quantity, size: Double, above zero: Double = 0, within range: ClosedRange<Double>)
            -> Int?
        {
            guard let measured = report[quantity] else { return nil }
            let steps = ((measured.value - zero) / size).rounded()
            guard range.contains(steps) else { return nil }
            meant.append(
                MeantReading(
                    device: device.addressWithColons, metric: quantity.metric, value: zero + steps * size,
                    unit: quantity.unit?.rawValue, time: report.time / 1000 * 1000))
            return Int(steps)
        }
        let temperature = steps(.temperature, size: 0.005, within: -32_767...32_767)
        let humidity = steps(.humidity, size: 0.0025, within: 0...65_534)
        let pressure = steps(.pressure, size: 0.01, above: 500, within: 0...65_534)
        let voltage = steps(.batteryVoltage, size: 0.001, above: 1.6, within: 0...2_046)
        guard !meant.isEmpty else { return [] }

        var data: [UInt8] = [0x02, 0x01, 0x06, 0x1B, 0xFF, 0x99, 0x04, 0x05]
        func append(_ word: UInt16) { data += [UInt8(word >> 8), UInt8(word & 0xFF)] }
        append(temperature.map { UInt16(bitPattern: Int16(clamping: $0)) } ?? Ruuvi.missingSigned)
        append(humidity.map(UInt16.init(clamping:)) ?? Ruuvi.missing)
        append(pressure.map(UInt16.init(clamping:)) ?? Ruuvi.missing)
        // It lies still: gravity along its third axis.
        for milli: UInt16 in [4, 0xFFFC, 1_000] { append(milli) }
        // Sent with 4 dBm.
        append(UInt16(clamping: voltage ?? 2_047) << 5 | 22)
        data.append(66)
        append(UInt16(report.number % 65_535))
        let advertisement =
            data.map { hexadecimal(UInt64($0), digits: 2).uppercased() }.joined() + device.addressText
        let seconds = TimeText.epochSeconds(report.writtenTime).prefix { $0 != "." }
        return [
            Publication(
                "ruuvi/\(Ruuvi.gateway)/\(device.addressWithColons)",
                #"{"gw_mac":"\#(Ruuvi.gateway)","rssi":\#(report[.signal]?.text ?? "-68"),"aoa":[],"gwts":"\#(seconds)","#
                    + #""ts":"\#(seconds)","data":"\#(advertisement)","coords":""}"#,
                meaning: meant)
        ]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("ruuvi/\(Ruuvi.gateway)/gw_status", #"{"state":"offline"}"#, retain: true)]
    }
}
