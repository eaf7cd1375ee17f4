import Glibc
import PromQL
import QueryAPI
import QueryServer
import Readings
import Synchronization

/// A backend whose every reading the test has put there itself.
final class Household: QueryBackend {
    /// One series with all its samples in memory, handed out in runs of a few.
    struct Series: SelectedSeries {
        var labels: Labels
        var unit: String?
        var samples: [Sample]
        /// Told of each reading of samples.
        var onRead: (@Sendable () -> Void)?
        /// Where samples are damaged.
        var damaged: [ClosedRange<Timestamp>] = []
        /// Before this it tells only minutes, as if nothing else were kept.
        var minutesBefore: Timestamp?
        var last: Sample? { samples.last }

        func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] {
            damaged.filter { $0.overlaps(range) }.map { DamagedSamples(range: $0, what: "its checksum is wrong") }
        }

        func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
            onRead?()
            var position = samples.partitioningIndex(where: { $0.time >= range.lowerBound })
            while position < samples.count, samples[position].time <= range.upperBound {
                let run = Array(samples[position...].prefix(100).prefix { $0.time <= range.upperBound })
                guard try body(run.span) else { return }
                position += run.count
            }
        }

        func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange] {
            let asked = StepRange(range: range, step: step, origin: origin)
            guard let old = minutesBefore, range.contains(old) else { return [asked] }
            return [
                StepRange(
                    range: range.lowerBound...old, step: 60_000, origin: Aggregate.keptOrigin),
                StepRange(range: old.advanced(byMilliseconds: 1)...range.upperBound, step: step, origin: origin),
            ]
        }
    }

    struct Snapshot: SeriesSource {
        var all: [Series]
        /// What reading costs in a test of waiting; nil: nothing.
        var delay: (@Sendable () throws -> Void)?

        func series(
            matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
        ) throws -> [any SelectedSeries] {
            try delay?()
            return all.filter { series in
                matchers.allSatisfy { $0.matches(series.labels) }
                    && series.samples.first.map { $0.time <= range.upperBound } == true
                    && series.samples.last.map { $0.time >= range.lowerBound } == true
            }
        }
    }

    let stored: [Series]
    let ready: Bool
    let groups: [RuleGroupReport]
    let delay: (@Sendable () throws -> Void)?
    /// Whether its series are at hand, too: without delay.
    let isAtHand: Bool
    private let listeners = Mutex<[Int: AsyncStream<LiveReading>.Continuation]>([:])
    private let lastListener = Atomic<Int>(0)

    init(
        _ stored: [Series] = [], ready: Bool = true, groups: [RuleGroupReport] = [],
        delay: (@Sendable () throws -> Void)? = nil, isAtHand: Bool = false
    ) {
        self.isAtHand = isAtHand
        self.stored = stored.sorted { $0.labels < $1.labels }
        self.ready = ready
        self.groups = groups
        self.delay = delay
    }

    var isReady: Bool { ready }

    /// What was imported.
    let imported = Mutex<[ImportedSeries]>([])

    func take(_ readings: [ImportedSeries]) async throws -> ImportOutcome {
        imported.withLock { $0 += readings }
        return ImportOutcome(stored: readings.reduce(0) { $0 + UInt64($1.samples.count) })
    }

    /// What was asked for, and what is answered.
    let replays = Mutex<[RefusedQuery]>([])

    func refused(_ query: RefusedQuery) throws -> RefusedReport {
        if query.topic == "#/x" { throw RefusedQueryFault("'#/x' is no topic filter") }
        let messages = [
            (#"{"x":"#, "tele/plug/SENSOR", "not_json"), ("độ ẩm 55", "lạ/độ ẩm", "unknown_payload"),
        ].enumerated().map { index, one in
            let payload = Array(Array(one.0.utf8).prefix(query.payloadBytes))
            return RefusedReport.Message(
                id: Int64(2 - index), time: Household.start.rfc3339, household: "home", topic: one.1, reason: one.2,
                detail: "is cut", convention: "generic", retained: false, payload: payload,
                isCutOff: payload.count < one.0.utf8.count, payloadBytes: one.0.utf8.count, replayable: true)
        }.filter { query.reason == nil || $0.reason == query.reason }
        return RefusedReport(
            kept: 2, notKept: 7, matching: messages.count, messages: Array(messages.prefix(query.limit)))
    }

    func replayRefused(_ query: RefusedQuery) async throws -> ReplayReport {
        if query.reason == "busy" { throw ReplayRefused("another replay is running") }
        replays.withLock { $0.append(query) }
        return ReplayReport(
            messages: 2, understood: 1, readings: 3, duplicates: 0, tooOld: 0, refused: ["not_json": 1], cut: 0,
            next: query.from == 0 ? 7 : nil)
    }

    /// What was asked for; the alert `Quiet` does not fire, and silence 9 is none.
    let wishes = Mutex<[SilenceWish]>([])

    private static func silence(_ id: Int64, _ kind: String, household: String?, matchers: [String]) -> SilenceReport {
        SilenceReport(
            id: id, kind: kind, state: "active", household: household, matchers: matchers, alert: nil,
            starts: Household.start.rfc3339, ends: nil, author: "An", comment: "")
    }

    func silences(of household: String?) -> [SilenceReport] {
        ["h1", "h2"].filter { household == nil || $0 == household }.map {
            Household.silence($0 == "h1" ? 1 : 2, "silence", household: $0, matchers: [])
        }
    }

    /// The disk takes nothing that anybody says about its being full.
    func silence(_ wish: SilenceWish) async throws -> (made: [SilenceReport], isKept: Bool) {
        if wish.alert == "Quiet" { throw SilenceFault(isMissing: true, "no alert \"Quiet\" fires now") }
        if wish.kind != .acknowledge, wish.ends == nil { throw SilenceFault(isMissing: false, "say how long") }
        wishes.withLock { $0.append(wish) }
        let made = Household.silence(
            3, wish.kind.rawValue, household: wish.household, matchers: wish.matchers.map(\.description))
        return ([made], wish.comment != "the disk is full")
    }

    func endSilence(_ id: Int64, household: String?) async throws -> (ended: SilenceReport, isKept: Bool) {
        if id == 9 { throw SilenceFault(isMissing: true, "there is no silence 9") }
        return (Household.silence(id, "silence", household: household, matchers: []), id != 8)
    }

    /// No bytes: what they are made of is tested with a real store.
    private struct NoBackup: BackupSource {
        mutating func next() -> [UInt8]? { nil }
    }

    func backup() -> any BackupSource { NoBackup() }

    func source() -> any SeriesSource { Snapshot(all: stored, delay: delay) }
    /// How often something was at hand.
    let asksAtHand = Atomic(0)

    func sourceAtHand() -> (any SeriesSource)? {
        guard isAtHand else { return nil }
        asksAtHand.add(1, ordering: .relaxed)
        return Snapshot(all: stored)
    }

    func devices() throws -> [DeviceReport] {
        Dictionary(grouping: stored) { $0.labels.device }.sorted { $0.key < $1.key }.map { device, series in
            DeviceReport(
                household: "home", device: device, convention: "generic", name: nil, room: "Kitchen", model: nil,
                manufacturer: nil, available: true, lastSeen: series.compactMap(\.last?.time).max()?.rfc3339,
                battery: nil, signal: nil,
                metrics: series.compactMap { one in
                    one.last.map {
                        MetricReport(
                            metric: one.labels.metric, labels: [:], unit: one.unit, value: $0.value,
                            time: $0.time.rfc3339)
                    }
                })
        }
    }

    func status() -> StatusReport {
        StatusReport(
            version: "0.1.0", healthy: true, problems: [], uptimeSeconds: 12,
            broker: .init(
                address: "127.0.0.1:1883", state: "connected", protocolVersion: "5", since: "2026-11-23T08:00:00.000Z",
                lastError: nil, connects: 1),
            store: .init(
                directory: "/var/lib/quantrac", diskBudgetBytes: 536_870_912, diskUsedBytes: 12_582_912,
                poolUsedFraction: 0.02, memoryBudgetBytes: 67_108_864, seriesCount: stored.count,
                sampleCount: UInt64(stored.map(\.samples.count).reduce(0, +)), oldest: nil, newest: nil,
                damagedCount: 0, writeError: nil),
            intake: .init(
                messages: 10, readings: 20, duplicates: 0, messagesPerSecond: 1, readingsPerSecond: 2, refused: [:],
                refusedSamples: []),
            alerts: .init(
                rules: groups.flatMap(\.rules).count,
                firing: groups.flatMap(\.rules).flatMap(\.alerts).filter { $0.state == "firing" }.count, pending: 0))
    }

    /// As many evaluations as there are seconds; rules named "bad" are refused.
    func tryRules(
        _ request: RuleTrialRequest, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> RuleTrialReport {
        guard request.name != "bad" else { throw RuleTrialFault("bad:1: \(request.rules) is wrong") }
        if request.name == "long" { trialsUnderWay.add(1, ordering: .relaxed) }
        while request.name == "long", !trialsMayEnd.load(ordering: .relaxed) { usleep(1000) }
        return RuleTrialReport(
            start: request.start.rfc3339, end: request.end.rfc3339,
            evaluations: Int(request.end.milliseconds(since: request.start) / 1000), transitions: [], active: [],
            failures: [], warnings: [])
    }

    /// Trials named "long" that have begun; they wait for the flag.
    let trialsUnderWay = Atomic(0)
    let trialsMayEnd = Atomic(false)

    func ruleGroups() -> [RuleGroupReport] { groups }

    func notices() -> NoticesReport {
        NoticesReport(
            channels: [], notices: [],
            outbox: NoticesReport.Outbox(diskShareBytes: 1, diskUsedBytes: 1, problem: nil, damage: nil))
    }

    func digests(of household: String?) async -> [DigestReport] {
        [
            DigestReport(
                channel: "mail", next: "2026-11-27T00:00:00.000Z", since: "2026-11-26T00:00:00.000Z", calm: true,
                firing: 0, ended: 0, text: ["en": ["all well of \(household ?? "all")"]])
        ]
    }

    func live(matching selectors: [[LabelMatcher]]) -> AsyncStream<LiveReading> {
        let id = lastListener.wrappingAdd(1, ordering: .relaxed).newValue
        return AsyncStream { continuation in
            listeners.withLock { $0[id] = continuation }
            continuation.onTermination = { [weak self] _ in
                _ = self?.listeners.withLock { $0.removeValue(forKey: id) }
            }
        }
    }

    var listenerCount: Int { listeners.withLock { $0.count } }

    /// Tells all listeners of a reading, as the daemon does when it has become durable.
    func tell(_ reading: LiveReading) {
        for continuation in listeners.withLock({ Array($0.values) }) { continuation.yield(reading) }
    }

    func metrics() -> [MetricFamily] {
        [
            MetricFamily(
                "quantrac_refused_total", .counter, help: "What was refused,\nby \\ reason.",
                values: [.init(3, labels: [Label("reason", "bad \"json\"\n")]), .init(0.5)]),
            MetricFamily("quantrac_up", .gauge, help: "Always 1.", values: [.init(1)]),
        ]
    }
}

extension Household {
    /// 2023-11-14T22:13:20Z, where the hand-checked expectations begin.
    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    /// A freezer with a reading each minute: −20, −19, … from `start`, and a plug with odd numbers.
    static var kitchen: Household {
        Household([
            Series(
                labels: ["__name__": "temperature", "household": "home", "device": "freezer"], unit: "Cel",
                samples: (0..<5).map {
                    Sample(time: start.advanced(byMilliseconds: Int64($0) * 60_000), value: Double($0) - 20)
                }),
            Series(
                labels: ["__name__": "power", "household": "home", "device": "plug", "phase": "1"], unit: "W",
                samples: [.nan, .infinity, -.infinity, -0.0, 1e21, 1e-7, 0.1].enumerated().map {
                    Sample(time: start.advanced(byMilliseconds: Int64($0.offset) * 1000 + 250), value: $0.element)
                }),
        ])
    }
}
