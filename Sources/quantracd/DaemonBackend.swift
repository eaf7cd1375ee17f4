import Alerting
import Delivery
import Intake
import Logging
import MQTTSubscriber
import PayloadDecoders
import PromQL
import QueryAPI
import QueryServer
import Readings
import Registry
import RingStore

/// Answers what the server asks, from the parts of the daemon.
struct DaemonBackend: QueryBackend {
    let configuration: Configuration
    let started: ContinuousClock.Instant
    let store: RingStore
    let link: BrokerLink
    let ledger: IntakeLedger
    let feed: LiveFeed
    let alerts: AlertLoop
    let imports: ImportQueue
    let syncWindow: SyncWindow
    let registry: Registry
    let replay: RefusedReplay
    let courier: Courier
    let fault: ConfigurationFault
    let logger: Logger
    /// What dashboards ask for again and again.
    private let selections = SelectionCache(capacity: 4 << 20, keepsLabels: true)

    /// What devices call their battery and their radio, the most telling first.
    private static let batteryMetrics = ["battery", "battery_percent", "battery_level", "batt"]
    private static let signalMetrics = ["linkquality", "rssi", "wifi_signal", "wifi_rssi", "signal"]

    var isReady: Bool { store.statistics.writeError == nil }

    func source() -> any SeriesSource {
        DescribedSource(base: StoreSource(snapshot: store.snapshot(), selections: selections), ledger: ledger)
    }

    func ruleSource() -> any SeriesSource { alerts.source(store.snapshot(), selections) }

    func sourceAtHand() -> (any SeriesSource)? {
        let snapshot = store.snapshot()
        // What an answer lacks by damage has to be told, which takes looking.
        return snapshot.mayBeDamaged
            ? nil : StoreSource(snapshot: snapshot, selections: selections, isAtHand: true)
    }

    func live(matching selectors: [[LabelMatcher]]) -> AsyncStream<LiveReading> {
        feed.listen(matching: selectors)
    }

    func backup() async -> any BackupSource {
        var backup = StoreBackup(store, options: configuration.storeOptions)
        // Readings must not be without a copy because something else cannot be read: the client says what it did not get.
        for name in CompanionFile.Name.allCases {
            do {
                if let bytes = try await contents(of: name) { backup.add(CompanionFile(name, bytes)) }
            } catch {
                logger.warning("a backup is made without \(name.rawValue): \(error)")
            }
        }
        return backup
    }

    private func contents(of name: CompanionFile.Name) async throws -> [UInt8]? {
        switch name {
        case .registry: try await registry.contents()
        case .alerts: try await courier.contents()
        }
    }

    func take(_ readings: [ImportedSeries]) async throws -> ImportOutcome {
        try await imports.add(
            readings.map { one in
                var one = one
                if one.labels.household.isEmpty {
                    one.labels = one.labels.setting(LabelName.household, to: configuration.households.default)
                }
                return one
            })
    }

    func ruleGroups() -> [RuleGroupReport] {
        withDelivery(alerts.reports())
    }

    func devices() throws -> [DeviceReport] {
        let series = try source().series(
            matching: [], in: Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max))
        var reports: [DeviceReport] = []
        var originalUnits: [String: String] = [:]
        // Sorted by household and device first, so that the series of one device stand together.
        let rulesOwn = alerts.writtenMetrics
        let sorted = series.filter { !rulesOwn.contains($0.labels.metric) }.sorted {
            ($0.labels.household, $0.labels.device, $0.labels.metric)
                < ($1.labels.household, $1.labels.device, $1.labels.metric)
        }
        for one in sorted {
            let labels = one.labels
            if reports.last?.household != labels.household || reports.last?.device != labels.device {
                let description = ledger.description(household: labels.household, device: labels.device)
                originalUnits = description?.originalUnits ?? [:]
                reports.append(emptyReport(household: labels.household, device: labels.device, description))
            }
            guard let last = one.last, !reports.isEmpty else { continue }
            let original = originalUnits.isEmpty ? nil : originalUnits[DeviceDescription.name(of: labels)]
            reports[reports.count - 1].add(
                MetricReport(
                    metric: labels.metric, labels: labels.beyondIdentity, unit: one.unit, value: last.value,
                    originalUnit: original,
                    originalValue: original.flatMap(OriginalUnit.init)?.value(of: last.value),
                    time: last.time.rfc3339))
        }
        let refusals = refusalsOfDevices()
        for index in reports.indices {
            reports[index].refused = refusals[reports[index].household]?[reports[index].device]
            reports[index].battery = reports[index].first(of: DaemonBackend.batteryMetrics)
            reports[index].signal = reports[index].first(of: DaemonBackend.signalMetrics)
            reports[index].clockOffsetSeconds = reports[index].clockOffset
        }
        return reports
    }

    private func emptyReport(household: String, device: String, _ description: DeviceDescription?) -> DeviceReport {
        DeviceReport(
            household: household, device: device, convention: description?.convention?.rawValue,
            name: description?.name, room: description?.room, model: description?.model,
            manufacturer: description?.manufacturer, available: description?.available,
            availableSince: description?.availableSince?.rfc3339, lastSeen: nil, battery: nil,
            signal: nil, metrics: [])
    }

    // MARK: - Status

    func status() -> StatusReport {
        let statistics = store.statistics
        let totals = ledger.totals(now: .now)
        let broker = brokerReport(link.status)
        let rules = alerts.reports().flatMap(\.rules)
        let active = rules.flatMap(\.alerts)
        let problems = self.problems(statistics, link.status, rules)
        return StatusReport(
            version: Version.text, healthy: problems.isEmpty, problems: problems,
            uptimeSeconds: (ContinuousClock.now - started).inSeconds, broker: broker,
            store: storeReport(statistics),
            intake: StatusReport.Intake(
                messages: totals.messages, readings: totals.readings,
                duplicates: totals.duplicateReadings + totals.redeliveredMessages,
                messagesPerSecond: totals.messagesPerSecond, readingsPerSecond: totals.readingsPerSecond,
                refused: totals.refusals.merging(imports.totals.refused, uniquingKeysWith: +),
                refusedSamples: totals.refusedSamples.map {
                    StatusReport.Refusal(
                        topic: $0.topic, reason: $0.reason, detail: $0.detail, time: $0.time.rfc3339)
                },
                overQuota: quotaOffences()),
            alerts: StatusReport.Alerts(
                rules: rules.count, firing: active.count { $0.state == "firing" },
                pending: active.count { $0.state == "pending" }),
            registry: registryReport)
    }

    private func problems(
        _ statistics: StoreStatistics, _ link: BrokerLink.Status, _ rules: [RuleReport]
    ) -> [StatusReport.Problem] {
        var problems: [StatusReport.Problem] = []
        if case .connected = link.state {
            if let error = link.lastError {
                problems.append(.init(code: "broker_refuses", detail: error.description))
            }
        } else if case .notDurable = link.lastError {
            // We cut the connection ourselves, because the store refused: `store_not_writable` says so.
        } else {
            problems.append(
                link.lastError.map { .init(code: "broker_unreachable", detail: $0.description) }
                    ?? .init(code: "broker_unreachable", ProblemWords("no answer yet", "chưa có phản hồi")))
        }
        if let error = statistics.writeError {
            problems.append(.init(code: "store_not_writable", detail: error))
        }
        if let damage = DamageSummary(store.damage()) {
            problems.append(
                .init(code: damage.code, damage.words(directory: configuration.store.directory)))
        }
        problems += registryProblems + deliveryProblems + quotaProblems(now: .now)
        for error in alerts.loadErrors { problems.append(.init(code: "rule_file_refused", error.words)) }
        for former in alerts.formerRules {
            problems.append(.init(code: "rules_former", former.words))
        }
        for file in alerts.filesWithoutRules {
            problems.append(
                .init(
                    code: "rules_missing",
                    ProblemWords(
                        "none of the rules of \(file) is evaluated", "không quy tắc nào của \(file) được xét")))
        }
        for rule in rules where rule.health == "err" {
            problems.append(.init(code: "rule_error", detail: "\(rule.name): \(rule.lastError ?? "")"))
        }
        for words in alerts.slowGroups(at: .now) { problems.append(.init(code: "rules_slow", words)) }
        return problems
    }

    private func brokerReport(_ status: BrokerLink.Status) -> StatusReport.Broker {
        let since = Timestamp.now.advanced(
            byMilliseconds: -(ContinuousClock.now - status.since).wholeMilliseconds)
        let (state, version): (String, String?) =
            switch status.state {
            case .connecting: ("connecting", nil)
            case .connected(let spoken): ("connected", spoken)
            case .waiting: ("waiting", nil)
            case .stopped: ("stopped", nil)
            }
        return StatusReport.Broker(
            address: "\(configuration.mqtt.host):\(configuration.mqtt.port)", state: state, protocolVersion: version,
            since: since.rfc3339, lastError: status.lastError?.description, connects: status.connects)
    }

    private func storeReport(_ statistics: StoreStatistics) -> StatusReport.Store {
        StatusReport.Store(
            directory: configuration.store.directory, diskBudgetBytes: statistics.diskBudget,
            diskUsedBytes: statistics.diskUsed + registry.status.diskUsed + courier.report.diskUsed,
            poolUsedFraction: Double(statistics.poolSegmentsUsed) / Double(max(1, statistics.poolSegments)),
            memoryBudgetBytes: configuration.store.memoryBudget.bytes, seriesCount: statistics.seriesCount,
            sampleCount: statistics.sampleCount, oldest: statistics.oldest?.rfc3339,
            newest: statistics.newest?.rfc3339,
            damagedCount: store.damage().reduce(0) { $0 + UInt64($1.count) },
            writeError: statistics.writeError,
            plan: store.retentionPlan.tiers.map {
                RetentionTierReport(name: $0.name, bytes: $0.bytes, days: $0.days, oldest: $0.oldest?.rfc3339)
            },
            sync: StatusReport.Store.Sync(
                windowSeconds: syncWindow.now.inSeconds, isAutomatic: syncWindow.isAutomatic,
                syncSeconds: syncWindow.typicalMicroseconds.map { Double($0) / 1e6 }, disk: syncWindow.disk?.rawValue))
    }
}

extension StoreBackup: BackupSource {}

extension DeviceReport {
    fileprivate mutating func add(_ metric: MetricReport) {
        metrics.append(metric)
        // RFC 3339 with a fixed number of decimals in UTC: the texts sort as the times do.
        if lastSeen.map({ $0 < metric.time }) ?? true { lastSeen = metric.time }
    }

    /// The mark of a repaired time, if nothing newer has been stored without one.
    fileprivate var clockOffset: Double? {
        metrics.first { $0.metric == ClockMark.metric && $0.time == lastSeen }?.value
    }

    /// By the names as they are, else as the end of a longer one, such as `sensor_battery`.
    fileprivate func first(of names: [String]) -> MetricReport? {
        names.lazy.compactMap { name in metrics.first { $0.metric == name } }.first
            ?? names.lazy.compactMap { name in metrics.first { $0.metric.hasSuffix("_" + name) } }.first
    }
}
