/// Bluetooth beacons that an OpenMQTTGateway or Theengs Gateway hears.
struct OpenMQTTGateway: Convention {
    let name = "openmqttgateway"
    let summary = "home/OMG/BTtoMQTT/<MAC> with tempc, hum, batt …, LWT"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("home/OMG/LWT", "online", retain: true)]
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var members = [
            #""id":"\#(device.addressWithColons)""#, #""name":\#(quoted(device.name))"#, #""brand":"Xiaomi""#,
            #""model":"TH Sensor""#, #""model_id":"LYWSD03MMC/MJWSD05MMC_PVVX_BTHOME""#,
        ]
        var meant: [MeantReading] = []
        for measured in report.measurements {
            let (key, unit): (String, Unit?) =
                switch measured.quantity {
                case .temperature: ("tempc", .celsius)
                case .humidity: ("hum", .percent)
                case .pressure: ("pres", .hectopascal)
                case .battery: ("batt", .percent)
                case .batteryVoltage: ("volt", .volt)
                case .illuminance: ("lux", .lux)
                case .moisture: ("moi", .percent)
                case .signal: ("rssi", .decibelMilliwatt)
                default: (measured.quantity.metric, nil)
                }
            members.append(member(key, measured.json))
            if measured.quantity == .temperature { members.append(member("tempf", text(measured.value * 1.8 + 32, 2))) }
            meant.append(
                MeantReading(
                    device: device.addressText, metric: key, value: measured.value, unit: unit?.rawValue, time: nil))
        }
        return [Publication("home/OMG/BTtoMQTT/\(device.addressText)", object(members), meaning: meant)]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.isEmpty ? [] : [Publication("home/OMG/LWT", "offline", retain: true)]
    }
}
