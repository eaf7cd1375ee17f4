/// A device that is known by Home Assistant's discovery alone: one JSON object, and value templates that pick from it. Energy
/// is sent in Wh and divided by the template; a door says ON and OFF.
struct HomeAssistant: Convention {
    let name = "homeassistant"
    let summary = "homeassistant/…/config with value templates; home/<device>/state"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device in
            device.quantities.map { discovery(of: $0, of: device) }
                + [Publication("home/\(device.id)/availability", "online", retain: true)]
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var members: [String] = []
        var meant: [MeantReading] = []
        for measured in report.measurements {
            let quantity = measured.quantity
            var value = measured.value
            let json: String
            if quantity == .energy {
                json = text(value * 1000, 0)
                value = rounded(value * 1000, 0) / 1000
            } else {
                json = quantity.isFlag ? (value == 0 ? "\"OFF\"" : "\"ON\"") : measured.text
            }
            members.append(member(quantity.metric, json))
            meant.append(
                MeantReading(
                    device: device.id, metric: quantity.metric, value: value, unit: quantity.unit?.rawValue, time: nil))
        }
        return [Publication("home/\(device.id)/state", object(members), meaning: meant)]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("home/\($0.id)/availability", "offline", retain: true) }
    }

    private func discovery(of quantity: Quantity, of device: Device) -> Publication {
        let path = "value_json.\(quantity.metric)"
        let template = quantity == .energy ? "{{ (\(path) | float) / 1000 }}" : "{{ \(path) }}"
        let unit = quantity.unit.map { #","unit_of_meas":"\#($0.symbol)""# } ?? ""
        let words = quantity.isFlag ? #","pl_on":"ON","pl_off":"OFF""# : ""
        let component = quantity.isFlag ? "binary_sensor" : "sensor"
        return Publication(
            "homeassistant/\(component)/\(device.id)/\(quantity.metric)/config",
            #"{"~":"home/\#(device.id)","name":\#(quoted(quantity.name)),"stat_t":"~/state","avty_t":"~/availability","#
                + #""val_tpl":"\#(template)"\#(unit)\#(words),"uniq_id":"\#(device.id)_\#(quantity.metric)","#
                + #""dev":{"ids":["\#(device.id)"],"name":\#(quoted(device.name)),"mf":"Home-made","mdl":"ESP8266","#
                + #""sa":"Kitchen"}}"#,
            retain: true)
    }
}
