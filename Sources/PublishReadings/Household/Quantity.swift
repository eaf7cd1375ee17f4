/// Something that a device measures.
struct Quantity: Hashable, Sendable {
    /// As a home-made device would call it, in any script.
    let name: String
    /// The same as a metric: small Latin letters, digits, `_`.
    let metric: String
    let unit: Unit?
    /// Decimals that a device sends.
    let digits: Int
    /// Whether the value is yes (1) or no (0).
    let isFlag: Bool

    init(_ metric: String, name: String? = nil, _ unit: Unit? = nil, digits: Int, isFlag: Bool = false) {
        self.name = name ?? metric
        self.metric = metric
        self.unit = unit
        self.digits = digits
        self.isFlag = isFlag
    }

    static let temperature = Quantity("temperature", .celsius, digits: 2)
    static let humidity = Quantity("humidity", .percent, digits: 2)
    static let pressure = Quantity("pressure", .hectopascal, digits: 1)
    static let illuminance = Quantity("illuminance", .lux, digits: 0)
    static let co2 = Quantity("co2", .partsPerMillion, digits: 0)
    static let fineDust = Quantity("pm2_5", .microgramPerCubicMetre, digits: 1)
    static let coarseDust = Quantity("pm10", .microgramPerCubicMetre, digits: 1)
    static let moisture = Quantity("moisture", .percent, digits: 1)
    static let power = Quantity("power", .watt, digits: 1)
    static let voltage = Quantity("voltage", .volt, digits: 1)
    static let current = Quantity("current", .ampere, digits: 3)
    /// A counter that only rises.
    static let energy = Quantity("energy", .kilowattHour, digits: 3)
    static let battery = Quantity("battery", .percent, digits: 0)
    static let batteryVoltage = Quantity("battery_voltage", .volt, digits: 3)
    /// How well the network hears the device.
    static let signal = Quantity("signal", .decibelMilliwatt, digits: 0)
    /// Whether a door stands open.
    static let open = Quantity("open", digits: 0, isFlag: true)

    static let known: [Quantity] = [
        temperature, humidity, pressure, illuminance, co2, fineDust, coarseDust, moisture, power, voltage, current,
        energy,
        battery, batteryVoltage, signal, open,
    ]
}

/// The units in which `Quantity` counts. The raw values are the canonical spellings that Quantrac keeps.
enum Unit: String, Sendable {
    case celsius = "Cel"
    case percent = "%"
    case hectopascal = "hPa"
    case lux = "lx"
    case partsPerMillion = "ppm"
    case microgramPerCubicMetre = "ug/m3"
    case watt = "W"
    case volt = "V"
    case ampere = "A"
    case kilowattHour = "kWh"
    case decibelMilliwatt = "dBm"

    /// As devices show it to people.
    var symbol: String {
        switch self {
        case .celsius: "°C"
        case .microgramPerCubicMetre: "µg/m³"
        default: rawValue
        }
    }
}

/// A quantity with its value, as exact as the device sends it.
struct Measurement: Sendable {
    let quantity: Quantity
    /// Rounded to `digits` decimals.
    let value: Double
    let digits: Int

    init(_ quantity: Quantity, _ value: Double, digits: Int? = nil) {
        self.quantity = quantity
        self.digits = digits ?? quantity.digits
        self.value = rounded(value, self.digits)
    }

    /// Without quotes: `21.40`, `1`.
    var text: String { PublishReadings.text(value, digits) }
    /// As `text`, but `true` and `false` where it is a flag.
    var json: String { quantity.isFlag ? (value == 0 ? "false" : "true") : text }
}
