/// Devices behind a Zigbee2MQTT bridge: one flat JSON object on `zigbee2mqtt/<friendly name>`, without a time.
struct Zigbee2MQTT: Convention {
    let name = "zigbee2mqtt"
    let summary = "zigbee2mqtt/<name>, availability, bridge/devices with units"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        guard !devices.isEmpty else { return [] }
        let coordinator =
            #"{"ieee_address":"0x00124b0024c2e1f5","type":"Coordinator","network_address":0,"supported":true,"#
            + #""friendly_name":"Coordinator","disabled":false,"definition":null,"interview_completed":true}"#
        let list = ([coordinator] + devices.map(entry)).joined(separator: ",")
        return [
            Publication("zigbee2mqtt/bridge/state", #"{"state":"online"}"#, retain: true),
            Publication("zigbee2mqtt/bridge/devices", "[\(list)]", retain: true),
        ] + devices.map { Publication("zigbee2mqtt/\($0.name)/availability", #"{"state":"online"}"#, retain: true) }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var members: [String] = []
        var meant: [MeantReading] = []
        for measured in report.measurements {
            let quantity = measured.quantity
            let (key, json, value): (String, String, Double) =
                switch quantity {
                // The bridge tells whether the contact is closed.
                case .open: ("contact", measured.value == 0 ? "true" : "false", 1 - measured.value)
                case .batteryVoltage:
                    (batteryVoltage(of: device), text(measured.value * 1000, 0), rounded(measured.value, 3))
                default: (quantity.metric, measured.json, measured.value)
                }
            members.append(member(key, json))
            meant.append(
                MeantReading(device: device.name, metric: key, value: value, unit: quantity.unit?.rawValue, time: nil))
        }
        members.append(member("linkquality", "\(60 + report.number % 100)"))
        return [Publication("zigbee2mqtt/\(device.name)", object(members), meaning: meant)]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        guard !devices.isEmpty else { return [] }
        return devices.map { Publication("zigbee2mqtt/\($0.name)/availability", #"{"state":"offline"}"#, retain: true) }
            + [Publication("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#, retain: true)]
    }

    /// A battery device says just `voltage`, in millivolts.
    private func batteryVoltage(of device: Device) -> String {
        device.quantities.contains(.voltage) ? "battery_voltage" : "voltage"
    }

    /// A device in `bridge/devices`.
    private func entry(_ device: Device) -> String {
        func numeric(_ property: String, unit: String?) -> String {
            let unit = unit.map { #","unit":"\#($0)""# } ?? ""
            return #"{"access":1,"name":"\#(property)","property":"\#(property)","type":"numeric"\#(unit)}"#
        }
        let exposes =
            device.quantities.map { quantity in
                switch quantity {
                case .open:
                    #"{"access":1,"name":"contact","property":"contact","type":"binary","value_off":true,"value_on":false}"#
                case .batteryVoltage: numeric(batteryVoltage(of: device), unit: "mV")
                default: numeric(quantity.metric, unit: quantity.unit?.symbol)
                }
            } + [numeric("linkquality", unit: "lqi")]
        let (model, description) =
            if device.quantities.contains(.open) {
                ("MCCGQ11LM", "Door and window sensor")
            } else if device.quantities.contains(.power) {
                ("SP 240", "Smart plug")
            } else {
                ("WSDCGQ11LM", "Temperature and humidity sensor")
            }
        return #"{"ieee_address":"0x0000\#(hexadecimal(device.address, digits: 12))","type":"EndDevice","#
            + #""network_address":1,"supported":true,"friendly_name":\#(quoted(device.name)),"disabled":false,"#
            + #""power_source":"Battery","model_id":"\#(model)","definition":{"model":"\#(model)","vendor":"Aqara","#
            + #""description":"\#(description)","exposes":[\#(exposes.joined(separator: ","))],"options":[]},"#
            + #""interview_completed":true}"#
    }
}
