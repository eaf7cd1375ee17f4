/// What sensors measure, under all the names that device conventions give it.
enum SensorQuantity: String, CaseIterable, Sendable {
    case temperature, humidity, power, battery

    /// The metrics' names, as a regular expression.
    var names: String {
        switch self {
        case .temperature: "(.+_)?(temperature|tempc?|nhiet_do)|temperature_(c|[0-9]+_tc)"
        case .humidity: "(.+_)?(humidity|hum|do_am)"
        case .power: "(energy_)?power|(.+_)?apower|relay_[0-9]+_power"
        case .battery: "(.+_)?(battery|batt)"
        }
    }

    /// Names among them that are something else: the warmth of a device's own electronics, or of a lamp's light.
    var otherNames: String? {
        self == .temperature ? "(.+_)?(device|color|esp32|cpu|chip)_temp.*|switch_.*" : nil
    }

    /// The unit behind a value, with a blank before it.
    var unit: String {
        switch self {
        case .temperature: " °C"
        case .humidity, .battery: " %"
        case .power: " W"
        }
    }

    /// Values that exist; what lies beyond is a broken sensor. A DS18B20 says −127 with a broken wire, a Shelly 999 without
    /// its probe; some hygrometers show a little more than 100 when wet.
    var plausible: ValueBounds? {
        switch self {
        case .temperature: ValueBounds(below: -60, above: 200)
        case .humidity: ValueBounds(below: 0, above: 105)
        case .battery: ValueBounds(below: 0, above: 100)
        case .power: nil
        }
    }
}

/// What is too low, and what is too high.
struct ValueBounds: Sendable, Equatable {
    var below: Double?
    var above: Double?
}
