/// What a reading is a value of, apart from the device. Shared, because it is the same for message after message: a reading
/// costs no text.
public final class ReadingField: Sendable {
    /// In snake case, such as `energy_power`.
    public let metric: String
    /// The canonical unit in UCUM-like spelling (`Cel`, `%`, `kWh` …); nil where the convention does not tell it.
    public let unit: String?
    /// The unit in which the device gives values, where they are converted; nil where they are as they came.
    public let originalUnit: String?
    /// Further labels of the series; mostly empty.
    public let labels: [Label]

    public init(metric: String, unit: String?, originalUnit: String? = nil, labels: [Label] = []) {
        self.metric = metric
        self.unit = unit
        self.originalUnit = originalUnit
        self.labels = labels
    }
}

extension ReadingField: Hashable {
    public static func == (a: ReadingField, b: ReadingField) -> Bool {
        a === b
            || a.metric == b.metric && a.unit == b.unit && a.originalUnit == b.originalUnit && a.labels == b.labels
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(metric)
        hasher.combine(unit)
        hasher.combine(originalUnit)
        hasher.combine(labels)
    }
}

extension ReadingField: CustomStringConvertible {
    public var description: String { metric + (unit.map { " in \($0)" } ?? "") }
}
