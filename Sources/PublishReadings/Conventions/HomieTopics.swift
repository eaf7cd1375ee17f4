/// Homie 3 and 4 (homieiot.github.io): a topic for each property and each attribute, everything retained.
struct HomieTopics: Convention {
    /// Version 3 tells more of the device: addresses, firmware, and how it is.
    var isVersion3 = false
    var name: String { isVersion3 ? "homie3" : "homie4" }
    let summary = "homie/<device>/sensor/<property>, $state and the other attributes"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device -> [Publication] in
            let base = "homie/\(device.id)"
            var attributes = [
                ("$homie", isVersion3 ? "3.0.1" : "4.0.0"), ("$name", device.name), ("$state", "init"),
                ("$nodes", "sensor"),
                ("sensor/$name", "Sensor"), ("sensor/$type", "sensor"),
                ("sensor/$properties", device.quantities.map(HomieProperty.id).joined(separator: ",")),
            ]
            if isVersion3 {
                attributes += [
                    ("$localip", "192.0.2.7"), ("$mac", "02:00:00:00:00:07"), ("$fw/name", "sensor"),
                    ("$fw/version", "1.0.0"), ("$implementation", "esp8266"), ("$stats/interval", "60"),
                ]
            }
            for quantity in device.quantities {
                let property = "sensor/" + HomieProperty.id(quantity)
                attributes.append((property + "/$name", quantity.name))
                attributes.append((property + "/$datatype", HomieProperty.datatype(quantity)))
                if let unit = quantity.unit { attributes.append((property + "/$unit", unit.symbol)) }
            }
            attributes.append(("$state", "ready"))
            return attributes.map { Publication("\(base)/\($0.0)", $0.1, retain: true) }
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        HomieProperty.publications(of: report, from: device, under: "homie")
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("homie/\($0.id)/$state", "disconnected", retain: true) }
    }
}

/// What Homie's versions have in common: a property's values.
enum HomieProperty {
    /// Small letters, digits and `-` are allowed.
    static func id(_ quantity: Quantity) -> String { String(quantity.metric.map { $0 == "_" ? "-" : $0 }) }

    static func datatype(_ quantity: Quantity) -> String { quantity.isFlag ? "boolean" : "float" }

    static func publications(of report: Report, from device: Device, under root: String) -> [Publication] {
        report.measurements.map { measured in
            Publication(
                "\(root)/\(device.id)/sensor/\(id(measured.quantity))", measured.json, retain: true,
                meaning: [
                    MeantReading(
                        device: device.id, metric: "sensor_" + measured.quantity.metric, value: measured.value,
                        unit: measured.quantity.unit?.rawValue, time: nil)
                ])
        }
    }
}
