/// Shelly's first generation: one plain value a topic. A meter counts watt-hours, a relay watt-minutes.
struct ShellyGen1: Convention {
    let name = "shelly-gen1"
    let summary = "shellies/<id>/emeter/0/power and the like, announce, online"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device in
            let announcement =
                #"{"id":"\#(device.id)","model":"\#(model(of: device))","mac":"\#(device.addressText)","#
                + #""ip":"192.168.1.41","new_fw":false,"fw_ver":"20230913-114244/v1.14.0-gcb84623"}"#
            return [
                Publication("shellies/announce", announcement),
                Publication("shellies/\(device.id)/announce", announcement),
                Publication("shellies/\(device.id)/online", "true", retain: true),
            ]
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        report.measurements.flatMap { measured -> [Publication] in
            func publish(_ path: String, _ payload: String, _ value: Double) -> Publication {
                let metric = String(path.map { $0 == "/" ? "_" : $0 })
                return Publication(
                    "shellies/\(device.id)/\(path)", payload,
                    meaning: [
                        MeantReading(
                            device: device.id, metric: metric, value: value,
                            unit: measured.quantity.unit?.rawValue, time: nil)
                    ])
            }
            if measured.quantity == .energy {
                let wattMinutes = (measured.value * 60_000).rounded()
                return [
                    publish("emeter/0/total", text(measured.value * 1000, 1), rounded(measured.value * 1000, 1) / 1000),
                    publish("relay/0/energy", text(wattMinutes, 0), rounded(wattMinutes, 0) / 60_000),
                ]
            }
            let path: String? =
                switch measured.quantity {
                case .power: "emeter/0/power"
                case .voltage: "emeter/0/voltage"
                case .current: "emeter/0/current"
                case .temperature: "sensor/temperature"
                case .humidity: "sensor/humidity"
                case .battery: "sensor/battery"
                case .illuminance: "sensor/lux"
                case .open: "sensor/state"
                case .co2: "sensor/concentration"
                default: nil
                }
            guard let path else { return [] }
            let payload = measured.quantity == .open ? (measured.value == 0 ? "close" : "open") : measured.text
            return [publish(path, payload, measured.value)]
        }
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("shellies/\($0.id)/online", "false", retain: true) }
    }

    private func model(of device: Device) -> String {
        if device.quantities.contains(.power) { return "SHEM" }
        return device.quantities.contains(.open) ? "SHDW-2" : "SHHT-1"
    }
}
