import Readings

/// A rule in the short form of `sensor:`, as it stands in the file.
struct SensorRule: Sendable {
    var selection: SensorSelection
    var condition: Condition
    /// How far apart the sensors' readings may lie, in milliseconds; nil if the file does not say.
    var everyMilliseconds: Int64?
    /// Alerts of the same device that say more than this one; it is not told while one of them fires.
    var betterAlerts: LabelMatcher?

    /// What the rule watches for.
    enum Condition: Sendable {
        /// The first limit whose device pattern fits counts; the last one is for all others.
        case limit(Side, [Limit])
        /// By how much in a window; below 0: falling.
        case rate(Side, amount: Double, clear: Double, windowMilliseconds: Int64)
        case stuck(milliseconds: Int64)
        case battery(below: Double, clear: Double)
        case implausible(ValueBounds)
        /// Nil: learned.
        case silent(milliseconds: Int64?)
    }

    enum Side: String, Sendable {
        case above, below

        /// The operator of what lies beyond a limit on this side.
        var `operator`: String { self == .above ? ">" : "<" }
        /// Which of a device's values counts if it has several.
        var aggregation: String { self == .above ? "max" : "min" }
    }

    struct Limit: Sendable {
        /// Nil: all devices.
        var devices: DevicePattern?
        var value: Double
        /// Where an alert resolves; the limit itself if there is no other level.
        var clear: Double
    }
}

/// A rule in Prometheus's terms, before its texts are checked.
struct PlainRule: Sendable {
    enum Kind: Sendable {
        case alert, record
    }

    var kind = Kind.alert
    var name: String
    var expression: String
    var holdMilliseconds: Int64 = 0
    /// In the order in which they are shown.
    var annotations: [(name: String, text: String)] = []
}
