/// Shelly's second generation and later: JSON-RPC notifications on `<prefix>/events/rpc`, with the time in `ts`.
struct ShellyGen2: Convention {
    let name = "shelly-gen2"
    let summary = "<prefix>/events/rpc with NotifyStatus, online"
    let tellsTime = true

    func announcements(of devices: [Device]) -> [Publication] {
        devices.map { Publication("\($0.id)/online", "true", retain: true) }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var components: [(name: String, members: [String])] = []
        var meant: [MeantReading] = []
        func add(_ component: String, _ field: String, _ metric: String, _ measured: Measurement, value: Double? = nil)
        {
            if let index = components.firstIndex(where: { $0.name == component }) {
                components[index].members.append(field)
            } else {
                components.append((component, [#""id":0"#, field]))
            }
            meant.append(
                MeantReading(
                    device: device.id, metric: metric, value: value ?? measured.value,
                    unit: measured.quantity.unit?.rawValue, time: report.time))
        }
        for measured in report.measurements {
            let json = measured.json
            switch measured.quantity {
            case .power: add("switch:0", #""apower":\#(json)"#, "switch_0_apower", measured)
            case .voltage: add("switch:0", #""voltage":\#(json)"#, "switch_0_voltage", measured)
            case .current: add("switch:0", #""current":\#(json)"#, "switch_0_current", measured)
            case .energy:
                add(
                    "switch:0", #""aenergy":{"total":\#(text(measured.value * 1000, 3))}"#, "switch_0_aenergy_total",
                    measured, value: rounded(measured.value * 1000, 3) / 1000)
            case .temperature: add("temperature:0", #""tC":\#(json)"#, "temperature_0_tc", measured)
            case .humidity: add("humidity:0", #""rh":\#(json)"#, "humidity_0_rh", measured)
            case .illuminance: add("illuminance:0", #""lux":\#(json)"#, "illuminance_0_lux", measured)
            case .battery:
                add("devicepower:0", #""battery":{"percent":\#(json)}"#, "devicepower_0_battery_percent", measured)
            case .open: add("input:0", #""state":\#(json)"#, "input_0_state", measured)
            default: break
            }
        }
        guard !components.isEmpty else { return [] }
        let source = "\(model(of: device))-\(hexadecimal(device.address, digits: 12))"
        // After its start a device tells all; later only what changes, which for us is the same.
        let method = report.number == 1 ? "NotifyFullStatus" : "NotifyStatus"
        let params =
            [#""ts":\#(TimeText.epochSeconds(report.writtenTime))"#]
            + components.map { member($0.name, object($0.members)) }
        return [
            Publication(
                "\(device.id)/events/rpc",
                #"{"src":"\#(source)","dst":"\#(device.id)/events","method":"\#(method)","params":\#(object(params))}"#,
                meaning: meant)
        ]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("\($0.id)/online", "false", retain: true) }
    }

    private func model(of device: Device) -> String {
        device.quantities.contains(.power) ? "shellyplusplugs" : "shellyplusht"
    }
}
