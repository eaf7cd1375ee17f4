/// Nodes with ESPHome: each sensor a plain text on a topic of its own, retained as is ESPHome's default, and Home
/// Assistant's discovery for the names and units.
struct ESPHome: Convention {
    let name = "esphome"
    let summary = "<node>/sensor/<id>/state, retained, <node>/status, discovery"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device in
            [Publication("\(device.id)/status", "online", retain: true)]
                + device.quantities.map { discovery(of: $0, of: device) }
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        report.measurements.map { measured in
            let quantity = measured.quantity
            return Publication(
                topic(of: quantity, of: device),
                quantity.isFlag ? (measured.value == 0 ? "OFF" : "ON") : measured.text, retain: true,
                meaning: [
                    MeantReading(
                        device: device.id, metric: quantity.metric, value: measured.value,
                        unit: quantity.unit?.rawValue, time: nil)
                ])
        }
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("\($0.id)/status", "offline", retain: true) }
    }

    private func topic(of quantity: Quantity, of device: Device) -> String {
        "\(device.id)/\(component(of: quantity))/\(quantity.metric)/state"
    }

    private func component(of quantity: Quantity) -> String { quantity.isFlag ? "binary_sensor" : "sensor" }

    private func discovery(of quantity: Quantity, of device: Device) -> Publication {
        let address = hexadecimal(device.address, digits: 12)
        let unit = quantity.unit.map { #""unit_of_measurement":"\#($0.symbol)","state_class":"measurement","# } ?? ""
        return Publication(
            "homeassistant/\(component(of: quantity))/\(device.id)/\(quantity.metric)/config",
            #"{\#(unit)"name":\#(quoted(quantity.name)),"state_topic":"\#(topic(of: quantity, of: device))","#
                + #""availability_topic":"\#(device.id)/status","unique_id":"ESP\#(address)\#(quantity.metric)","#
                + #""device":{"identifiers":"\#(address)","name":\#(quoted(device.name)),"#
                + #""sw_version":"esphome v2025.10.3","model":"esp32-c3-devkitm-1","manufacturer":"Espressif"}}"#,
            retain: true)
    }
}
