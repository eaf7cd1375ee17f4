/// What rtl_433 hears on the air: one JSON event a transmission, and each field of it once more on a topic of its own.
struct RTL433: Convention {
    let name = "rtl_433"
    let summary = "rtl_433/home/events, and devices/<model>/<channel>/<id>/<field>"
    let tellsTime = true

    private static let model = "Bresser-6in1"

    func announcements(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("rtl_433/home/availability", "online", retain: true)]
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        // Enough of the address that no two of thousands are one.
        let id = device.address & 0xFFFF_FFFF
        let identity = "\(RTL433.model)/0/\(id)"
        var members = [
            #""time":"\#(TimeText.local(report.writtenTime, separator: " "))""#, #""model":"\#(RTL433.model)""#,
            #""channel":0"#, #""id":\#(id)"#,
        ]
        var meant: [MeantReading] = []
        var singles: [Publication] = []
        for measured in report.measurements {
            guard let field = field(measured) else { continue }
            let reading = MeantReading(
                device: identity, metric: field.metric, value: field.value,
                unit: field.unit?.rawValue, time: report.time / 1000 * 1000)
            var untimed = reading
            untimed.time = nil
            members.append(member(field.key, field.text))
            meant.append(reading)
            singles.append(
                Publication("rtl_433/home/devices/\(identity)/\(field.key)", field.text, meaning: [untimed]))
        }
        members.append(#""mic":"CRC""#)
        return [Publication("rtl_433/home/events", object(members), meaning: meant)] + singles
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("rtl_433/home/availability", "offline", retain: true)]
    }

    private struct Field {
        var key: String
        var metric: String
        var unit: Unit?
        var value: Double
        var text: String
    }

    /// The unit is the key's end, where rtl_433 has one for it.
    private func field(_ measured: Measurement) -> Field? {
        let quantity = measured.quantity
        let suffix: String? =
            switch quantity.unit {
            case .celsius: "_C"
            case .hectopascal: "_hPa"
            case .watt: "_W"
            case .volt: "_V"
            case .ampere: "_A"
            case .kilowattHour: "_kWh"
            default: nil
            }
        func plain(_ key: String, _ unit: Unit? = nil) -> Field {
            Field(key: key, metric: key, unit: unit, value: measured.value, text: measured.text)
        }
        switch quantity {
        case .battery:
            let isGood = measured.value >= 10
            return Field(
                key: "battery_ok", metric: "battery_ok", unit: nil, value: isGood ? 1 : 0, text: isGood ? "1" : "0")
        case .batteryVoltage, .signal: return nil
        case .humidity: return plain("humidity", .percent)
        case .moisture: return plain("moisture", .percent)
        case .illuminance: return plain("light_lux")
        default:
            guard let suffix else { return plain(quantity.metric) }
            var field = plain(quantity.metric, quantity.unit)
            field.key += suffix
            return field
        }
    }
}
