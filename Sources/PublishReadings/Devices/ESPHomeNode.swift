/// A node with ESPHome: each sensor a plain text on a topic of its own, retained as is ESPHome's default, and Home
/// Assistant's discovery for the names and units.
struct ESPHomeNode: SimulatedDevice {
    enum Kind {
        case balcony
        case bedroom
    }

    private struct Sensor {
        var id: String
        var name: String
        var deviceClass: String
        var unit: String
    }

    let tellsTime = false
    var clock = Moment.DeviceClock.exact
    private let node: String
    private let name: String
    private let kind: Kind
    private let mac: String
    private var offset: Drift
    private var noise: SplitMix64

    init(node: String, name: String, kind: Kind, generator: SplitMix64) {
        var generator = generator
        self.node = node
        self.name = name
        self.kind = kind
        mac = "6055f9" + hexadecimal(generator.next(), digits: 6)
        offset = Drift(deviation: 0.6, memory: 1_800, generator: generator.branch("offset"))
        noise = generator.branch("noise")
    }

    private var sensors: [Sensor] {
        let common = [
            Sensor(id: "temperature", name: "Temperature", deviceClass: "temperature", unit: "°C"),
            Sensor(id: "humidity", name: "Humidity", deviceClass: "humidity", unit: "%"),
            Sensor(id: "wifi_signal", name: "WiFi Signal", deviceClass: "signal_strength", unit: "dBm"),
        ]
        return switch kind {
        case .balcony:
            common + [Sensor(id: "illuminance", name: "Illuminance", deviceClass: "illuminance", unit: "lx")]
        case .bedroom:
            common + [Sensor(id: "co2", name: "CO2", deviceClass: "carbon_dioxide", unit: "ppm")]
        }
    }

    func announcements(at moment: Moment) -> [Publication] {
        let discovery = sensors.map { sensor in
            Publication(
                "homeassistant/sensor/\(node)/\(sensor.id)/config",
                #"{"device_class":"\#(sensor.deviceClass)","unit_of_measurement":"\#(sensor.unit)","#
                    + #""state_class":"measurement","name":"\#(sensor.name)","#
                    + #""state_topic":"\#(node)/sensor/\#(sensor.id)/state","availability_topic":"\#(node)/status","#
                    + #""unique_id":"ESP\#(mac)\#(sensor.id)","device":{"identifiers":"\#(mac)","name":"\#(name)","#
                    + #""sw_version":"esphome v2025.10.3","model":"esp32-c3-devkitm-1","manufacturer":"Espressif"}}"#,
                retain: true)
        }
        return [Publication("\(node)/status", "online", retain: true)] + discovery
    }

    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication] {
        let wander = offset.advance(to: moment.elapsed)
        return sensors.map { sensor in
            let value =
                switch sensor.id {
                case "temperature":
                    text((kind == .balcony ? scene.outdoorTemperature : scene.indoorTemperature) + wander, 1)
                case "humidity":
                    text((kind == .balcony ? scene.outdoorHumidity : scene.indoorHumidity) - 2 * wander, 1)
                case "illuminance": text(scene.illuminance, 1)
                // People breathe: more at night, when the door is shut.
                case "co2": text(((8..<20).contains(scene.hour) ? 620 : 980) + 60 * wander, 0)
                default: text(-61 + 3 * noise.gaussian(), 0)
                }
            return Publication("\(node)/sensor/\(sensor.id)/state", value, retain: true)
        }
    }

    func farewell() -> [Publication] {
        [Publication("\(node)/status", "offline", retain: true)]
    }
}
