import Alerting
import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

/// A rule engine with one file of one group, whose rules look at a series `x` that the test sets step by step.
struct Bench {
    let engine: RuleEngine
    let group = RuleGroup.ID(file: "r.yaml", name: "g")

    init(
        _ rules: String, group: String = "", options: QueryOptions = QueryOptions(), bridgesGaps: Bool = false
    ) throws {
        engine = RuleEngine(options: options, bridgesGaps: bridgesGaps)
        #expect(load(rules, group: group).errors.isEmpty)
    }

    func load(_ rules: String, group: String = "", at seconds: Double = 0, path: String = "r.yaml") -> RuleLoadReport {
        let text = "groups:\n- name: g\n\(group)  rules:\n\(rules)\n"
        let result: Result<RuleFile, RuleFileErrors>
        do {
            result = .success(try RuleFile.parse(text, path: path))
        } catch {
            result = .failure(error)
        }
        return engine.load([RuleFileResult(path: path, result: result)], at: .seconds(seconds))
    }

    /// Evaluates at `seconds` with the series `x{i="0"}`, `x{i="1"}` … at these values; nil: no such series.
    func step(_ seconds: Double, _ values: Double?..., failure: Bool = false) -> [String] {
        var source = MemorySeriesSource()
        for (index, value) in values.enumerated() {
            if let value { source.add(["__name__": "x", "i": "\(index)"], from: seconds, [value]) }
        }
        if failure {
            source.add(["__name__": "x"], from: seconds - 10, every: 20, [1, 2])
            source.failure = MemorySeriesSource.StoreFailure()
        }
        return engine.evaluate(group, at: .seconds(seconds), source: source).map(Self.shown)
    }

    static func shown(_ transition: AlertTransition) -> String {
        let cause = transition.cause == .evaluation ? "" : " \(transition.cause.rawValue)"
        return
            "\(transition.labels["alertname"] ?? "")\(transition.labels["i"] ?? "") \(transition.from)>\(transition.to)\(cause)"
    }

    var rule: RuleSnapshot? { engine.snapshot().first?.rules.first }
}

/// A store in memory that rules write to and ask.
final class RuleStore: SampleSink, SeriesSource {
    private let samples = Mutex<[Labels: [Sample]]>([:])
    private let heard = Mutex<Set<Labels>>([])

    func write(_ written: [RuleSample]) {
        samples.withLock { samples in
            for one in written { RuleStore.insert(one.sample, into: &samples[one.labels, default: []]) }
        }
    }

    /// In the order of time; of two at the same instant the later one counts.
    private static func insert(_ sample: Sample, into samples: inout [Sample]) {
        let place = samples.partitioningIndex(where: { $0.time >= sample.time })
        if place < samples.count, samples[place].time == sample.time {
            samples[place] = sample
        } else {
            samples.insert(sample, at: place)
        }
    }

    /// Stores a reading.
    func write(_ labels: Labels, _ seconds: Double, _ value: Double) {
        heard.withLock { _ = $0.insert(labels) }
        write([RuleSample(labels: labels, sample: Sample(time: .seconds(seconds), value: value))])
    }

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        var source = MemorySeriesSource()
        for (labels, samples) in samples.withLock({ $0 }) where matchers.allSatisfy({ $0.matches(labels) }) {
            source.add(labels, samples)
        }
        return try source.series(matching: matchers, in: range)
    }

    /// The series of readings, which no rule has written.
    var readings: Set<Labels> { heard.withLock { $0 } }

    /// What `query` answers, as `labels value` lines.
    func ask(_ query: String, at seconds: Double) throws -> [String] {
        let answer = try Query(query).instant(at: .seconds(seconds), source: self)
        guard case .vector(let elements) = answer.value else { return [] }
        return elements.map { "\($0.labels) \(FormattedValue.sample($0.sample.value))" }.sorted()
    }
}
