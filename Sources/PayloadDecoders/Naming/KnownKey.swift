/// Keys that decoders look for in every message of their convention. An object knows whether it has any of them, so that
/// asking costs nothing where there are none.
///
/// The raw value is the key's number in every table of keys, behind `FieldKeyTable.start`.
enum KnownKey: Int, CaseIterable, Sendable {
    // Tasmota
    case tempUnit = 1
    case pressureUnit, speedUnit, zbReceived, lwReceived
    // ThingsBoard
    case ts, values
    // OwnTracks
    case type
    // Shelly
    case method, params, motion, thermostats, tmp

    /// Whether a text or number under it decides what others mean.
    var decides: Bool {
        switch self {
        case .tempUnit, .pressureUnit, .speedUnit, .type, .method: true
        case .zbReceived, .lwReceived, .ts, .values, .params, .motion, .thermostats, .tmp: false
        }
    }

    var text: String {
        switch self {
        case .tempUnit: "TempUnit"
        case .pressureUnit: "PressureUnit"
        case .speedUnit: "SpeedUnit"
        case .zbReceived: "ZbReceived"
        case .lwReceived: "LwReceived"
        case .ts: "ts"
        case .values: "values"
        case .type: "_type"
        case .method: "method"
        case .params: "params"
        case .motion: "motion"
        case .thermostats: "thermostats"
        case .tmp: "tmp"
        }
    }
}
