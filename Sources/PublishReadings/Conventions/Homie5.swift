/// Homie 5: as version 4, but one JSON document describes a device.
struct Homie5: Convention {
    let name = "homie5"
    let summary = "homie/5/<device>/sensor/<property>, $description, $state"
    let tellsTime = false

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device in
            let properties = device.quantities.map { quantity in
                let unit = quantity.unit.map { #","unit":"\#($0.symbol)""# } ?? ""
                return member(
                    HomieProperty.id(quantity),
                    #"{"name":\#(quoted(quantity.name)),"datatype":"\#(HomieProperty.datatype(quantity))"\#(unit)}"#)
            }
            let description =
                #"{"homie":"5.0","version":1,"name":\#(quoted(device.name)),"#
                + #""nodes":{"sensor":{"name":"Sensor","properties":\#(object(properties))}}}"#
            return [
                Publication("homie/5/\(device.id)/$state", "init", retain: true),
                Publication("homie/5/\(device.id)/$description", description, retain: true),
                Publication("homie/5/\(device.id)/$state", "ready", retain: true),
            ]
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        HomieProperty.publications(of: report, from: device, under: "homie/5")
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("homie/5/\($0.id)/$state", "disconnected", retain: true) }
    }
}
