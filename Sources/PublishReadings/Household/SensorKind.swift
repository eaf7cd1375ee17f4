/// What kind of thing a simulated device is: what it measures of the scene, and how often a real one would say so.
enum SensorKind: Sendable {
    case plug(Appliance)
    /// Temperature, humidity and air pressure of a room, on a battery.
    case roomThermometer
    /// A thermometer that lies in the freezer. `isForgotten`: its door is the one that is left open.
    case freezerProbe(isForgotten: Bool)
    case freezerDoor(isForgotten: Bool)
    /// A door that is shut, with a battery that is nearly empty.
    case houseDoor
    case balcony
    case nursery
    case fishTank
    case waterTank
    case garage
    /// In the garden, by LoRa.
    case soilProbe
    case airMonitor

    var quantities: [Quantity] {
        switch self {
        case .plug: [.power, .voltage, .current, .energy, .signal]
        case .roomThermometer: [.temperature, .humidity, .pressure, .battery, .batteryVoltage]
        case .freezerProbe: [.temperature, .battery, .batteryVoltage]
        case .freezerDoor, .houseDoor: [.open, .battery, .batteryVoltage]
        case .balcony: [.temperature, .humidity, .illuminance, .signal]
        case .nursery: [.temperature, .humidity, .co2, .signal]
        case .fishTank: [SensorKind.waterTemperature, SensorKind.ph, SensorKind.dissolvedOxygen]
        case .waterTank: [SensorKind.waterLevel, SensorKind.waterTankTemperature]
        case .garage: [.temperature, .humidity]
        case .soilProbe: [.moisture, .temperature, .battery]
        case .airMonitor: [.fineDust, .coarseDust, .temperature, .humidity]
        }
    }

    var cadence: Cadence {
        switch self {
        case .plug: .plug
        case .roomThermometer, .nursery, .balcony, .garage: .thermometer
        case .freezerDoor, .houseDoor: .contact
        case .freezerProbe, .fishTank, .waterTank, .airMonitor: .battery
        case .soilProbe: .lora
        }
    }

    private static let waterTemperature = Quantity("water_temperature", .celsius, digits: 2)
    private static let ph = Quantity("ph", digits: 2)
    private static let dissolvedOxygen = Quantity("dissolved_oxygen", digits: 2)
    private static let waterLevel = Quantity("muc_nuoc", name: "mực nước", digits: 1)
    private static let waterTankTemperature = Quantity("nhiet_do", name: "nhiệt độ", digits: 1)

    /// The value of one of the kind's quantities now; nil if it has no such thing.
    ///
    /// - Parameters:
    ///   - wander: what is particular to this device now, around 0.
    ///   - factor: its share of its kind, around 1.
    func value(of quantity: Quantity, in scene: Scene, wander: Double, factor: Double) -> Double? {
        switch (self, quantity) {
        case (.plug(let appliance), _):
            return SensorKind.electrical(
                quantity, scene.consumption[appliance] ?? Consumption(), appliance, scene, factor)
        case (.freezerProbe(let isForgotten), .temperature):
            return isForgotten ? scene.freezer.airTemperature : -18 + wander
        case (.freezerDoor(let isForgotten), .open): return isForgotten && scene.isFreezerDoorOpen ? 1 : 0
        case (.houseDoor, .open): return 0
        case (.garage, .temperature): return (scene.outdoorTemperature + scene.indoorTemperature) / 2 + wander
        case (.garage, .humidity): return (scene.outdoorHumidity + scene.indoorHumidity) / 2
        case (.balcony, .temperature), (.airMonitor, .temperature): return scene.outdoorTemperature + wander
        case (.balcony, .humidity), (.airMonitor, .humidity): return scene.outdoorHumidity - 2 * wander
        case (.soilProbe, .temperature): return scene.outdoorTemperature - 3 + 0.5 * wander
        case (_, .temperature): return scene.indoorTemperature + wander
        case (_, .humidity): return scene.indoorHumidity - 2 * wander
        case (_, .pressure): return scene.pressure
        case (_, .illuminance): return scene.illuminance
        // People breathe: more at night, when the door is shut.
        case (_, .co2): return ((8..<20).contains(scene.hour) ? 620 : 980) + 60 * wander
        case (_, .fineDust): return max(1, 22 + 8 * wander)
        case (_, .coarseDust): return max(2, 31 + 9 * wander)
        case (_, .moisture): return min(60, max(5, 34 + 4 * wander))
        case (_, SensorKind.waterTemperature): return 26 + wander
        case (_, SensorKind.ph): return 7.2 + 0.1 * wander
        // Warm water holds less oxygen.
        case (_, SensorKind.dissolvedOxygen): return 7.4 - 0.2 * wander
        case (_, SensorKind.waterLevel): return 70 + 8 * wander
        case (_, SensorKind.waterTankTemperature): return scene.outdoorTemperature - 1
        case (_, .signal): return -61 + 4 * wander
        default: return nil
        }
    }

    private static func electrical(
        _ quantity: Quantity, _ consumption: Consumption, _ appliance: Appliance, _ scene: Scene, _ factor: Double
    ) -> Double? {
        switch quantity {
        case .power: return factor * consumption.power
        case .voltage: return scene.mainsVoltage
        // Heating is purely resistive, motors and power supplies are not.
        case .current: return factor * consumption.power / (appliance == .kettle ? 1 : 0.88) / scene.mainsVoltage
        // What it has counted before differs from plug to plug, as the factor does.
        case .energy: return 200 + 4_000 * (factor - 1) + factor * consumption.energy
        case .signal: return -61
        default: return nil
        }
    }
}
