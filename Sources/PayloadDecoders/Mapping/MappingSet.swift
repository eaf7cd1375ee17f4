import Readings

/// A user's mappings, checked and made ready once for all households. The first that matches a topic is taken.
public struct MappingSet: Sendable {
    let mappings: [CompiledMapping]

    public static let none = MappingSet()

    private init() {
        mappings = []
    }

    /// - Throws: what is wrong with the first mapping that can't be meant.
    public init(_ mappings: [Mapping]) throws(MappingFault) {
        guard mappings.count <= DecoderLimits.mappings else {
            throw MappingFault(mapping: "list", problem: .tooMany(mappings.count))
        }
        var compiled: [CompiledMapping] = []
        for mapping in mappings {
            do throws(MappingFault.Problem) {
                compiled.append(try CompiledMapping(mapping))
            } catch {
                let topic = mapping.topic.isEmpty ? "" : " (\(mapping.topic))"
                throw MappingFault(mapping: mapping.name + topic, problem: error)
            }
        }
        self.mappings = compiled
    }
}

/// A mapping whose texts have been taken apart.
struct CompiledMapping: Sendable {
    struct Value: Sendable {
        let path: JSONPath
        let metric: PartTemplate?
        let unit: CanonicalUnit?
        let scale: Double
        let offset: Double

        func converted(_ number: Double) -> Double { number * scale + offset }
    }

    struct Time: Sendable {
        let path: JSONPath
        let format: TimeFormat
        let zone: HouseholdZone?
    }

    let convention: Convention
    let values: [Value]
    let time: Time?
    private let pattern: TopicPattern
    private let device: PartTemplate?
    private let metric: PartTemplate?
    private let labels: [(name: String, text: PartTemplate)]

    init(_ mapping: Mapping) throws(MappingFault.Problem) {
        guard SafeName.fault(in: mapping.name) == nil else { throw .badName(mapping.name) }
        convention = Convention(rawValue: mapping.name)
        pattern = try TopicPattern(mapping.topic)
        let parts = pattern.parts
        if let text = mapping.device {
            device = try PartTemplate(text, parts: parts)
        } else if let part = parts.firstIndex(of: "device") {
            device = PartTemplate(joining: [part])
        } else {
            let others = parts.indices.filter { parts[$0] != "metric" }
            device = others.isEmpty ? nil : PartTemplate(joining: others)
        }
        if let text = mapping.metric {
            metric = try PartTemplate(text, parts: parts)
        } else {
            metric = parts.firstIndex(of: "metric").map { PartTemplate(joining: [$0]) }
        }
        var values: [Value] = []
        for value in mapping.values { values.append(try CompiledMapping.value(value, parts: parts)) }
        self.values = values
        if let written = mapping.time {
            let path = try JSONPath(written.path)
            guard !path.steps.isEmpty else { throw .badPath(written.path) }
            var zone: HouseholdZone?
            if let name = written.zone {
                zone = HouseholdZone(identifier: name)
                if zone == nil { throw .unknownZone(name) }
            }
            time = Time(path: path, format: try TimeFormat(written.format), zone: zone)
        } else {
            time = nil
        }
        var labels: [(name: String, text: PartTemplate)] = []
        for (name, text) in mapping.labels.sorted(by: { $0.key < $1.key }) {
            guard SafeName.fault(in: name) == nil else { throw .badName(name) }
            if LabelName.isReserved(name) { throw .reservedLabel(name) }
            labels.append((name, try PartTemplate(text, parts: parts)))
        }
        self.labels = labels
    }

    private static func value(_ value: Mapping.Value, parts: [String]) throws(MappingFault.Problem) -> Value {
        guard value.scale.isFinite, value.scale != 0, value.offset.isFinite else { throw .badScale(value.scale) }
        var unit: CanonicalUnit?
        if let written = value.unit {
            unit = UnitTable.unit(written)
            if unit == nil { throw .badUnit(written) }
        }
        var metric: PartTemplate?
        if let text = value.metric { metric = try PartTemplate(text, parts: parts) }
        return Value(
            path: try JSONPath(value.path), metric: metric, unit: unit, scale: value.scale, offset: value.offset)
    }

    // MARK: - Topics

    /// What a topic stands for by this mapping; nil if it is not meant.
    func topic(_ topic: Topic, index: Int) -> MappedTopic? {
        guard let parts = pattern.match(topic) else { return nil }
        let prefix = metric.map { SnakeCase.word($0.filled(parts)) }
        let own = prefix ?? SnakeCase.word(String(topic.last))
        let device = device?.filled(parts) ?? topic.without(pattern.metricLevel)
        // Of a topic that nothing is said of, the last level names a plain payload.
        let isNamedByTopic = self.device == nil && metric == nil && !topic.parent.isEmpty
        return MappedTopic(
            mapping: index, device: device, plainDevice: isNamedByTopic ? topic.parent : device, prefix: prefix ?? "",
            plainMetric: SnakeCase.metric(own),
            metrics: values.map { value in
                if let metric = value.metric { return SnakeCase.metric(SnakeCase.word(metric.filled(parts))) }
                return value.path.steps.isEmpty ? SnakeCase.metric(own) : value.path.metric
            },
            labels: labels.map { Label($0.name, $0.text.filled(parts)) }.filter { SafeName.fault(in: $0.value) == nil })
    }
}

/// What a mapping makes of one topic, worked out once. A class, so that the plans of all other topics carry only a
/// reference that is nil.
final class MappedTopic: Sendable {
    /// Which of the mappings it is.
    let mapping: Int
    let device: String
    /// Whose a plain payload is, and what it is called.
    let plainDevice: String
    let plainMetric: String
    /// What the metrics of JSON that is read as a whole begin with.
    let prefix: String
    /// Of each of the mapping's values.
    let metrics: [String]
    let labels: [Label]

    init(
        mapping: Int, device: String, plainDevice: String, prefix: String, plainMetric: String, metrics: [String],
        labels: [Label]
    ) {
        self.mapping = mapping
        self.device = device
        self.plainDevice = plainDevice
        self.prefix = prefix
        self.plainMetric = plainMetric
        self.metrics = metrics
        self.labels = labels
    }
}
