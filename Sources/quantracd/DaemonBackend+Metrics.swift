import Delivery
import Intake
import MQTTSubscriber
import PayloadDecoders
import QueryAPI
import QueryServer
import Readings
import Registry
import RingStore

extension DaemonBackend {
    /// The daemon's own measurements. Names follow Prometheus's conventions: base units, `_total` for counters.
    func metrics() -> [MetricFamily] {
        let totals = ledger.totals(now: .now)
        let statistics = store.statistics
        let status = link.status
        let imported = imports.totals
        var connected = false
        if case .connected = status.state { connected = true }
        func counter(_ name: String, _ help: String, _ value: UInt64) -> MetricFamily {
            MetricFamily(name, .counter, help: help, values: [.init(Double(value))])
        }
        func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            MetricFamily(name, .gauge, help: help, values: [.init(value)])
        }
        let refused = totals.refusalsByKind.map { kind, count in
            (
                labels: [Label("reason", kind.reason)]
                    + (kind.convention.map { [Label("convention", $0.rawValue)] } ?? []),
                count: count
            )
        }.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }.map {
            MetricFamily.Value(Double($0.count), labels: $0.labels)
        }
        return [
            gauge("quantrac_broker_connected", "1 while the broker has accepted us.", connected ? 1 : 0),
            counter("quantrac_broker_connects_total", "Times the broker accepted us.", status.connects),
            counter(
                "quantrac_broker_sessions_lost_total", "Times the broker had forgotten our session.",
                status.sessionsLost),
            counter(
                "quantrac_publications_dropped_total",
                "Publications given up, because too many waited or the broker was away.",
                status.publicationsDropped),
            counter("quantrac_messages_total", "MQTT messages taken in.", totals.messages),
            counter(
                "quantrac_messages_redelivered_total", "Messages that the broker sent a second time.",
                totals.redeliveredMessages),
            counter("quantrac_readings_total", "Readings that became durable.", totals.readings),
            counter(
                "quantrac_readings_duplicate_total", "Readings that were there already.", totals.duplicateReadings),
            MetricFamily(
                "quantrac_refused_total", .counter, help: "Messages or readings refused, by reason and convention.",
                values: refused),
            gauge("quantrac_store_disk_budget_bytes", "store.diskBudget.", Double(statistics.diskBudget)),
            gauge(
                "quantrac_store_disk_used_bytes",
                "Bytes of all files in store.directory, the registry's and the outbox's among them.",
                Double(statistics.diskUsed + registry.status.diskUsed + courier.report.diskUsed)),
            gauge(
                "quantrac_store_memory_used_bytes", "Bytes of the store's head and index.",
                Double(statistics.memoryUsed)),
            gauge("quantrac_store_series", "Series in the catalogue.", Double(statistics.seriesCount)),
            gauge("quantrac_store_samples", "Samples held.", Double(statistics.sampleCount)),
            counter(
                "quantrac_store_late_samples_total", "Samples that came after a later one of their series.",
                statistics.lateSamples),
            gauge(
                "quantrac_late_readings", "Readings that came behind newer ones and that no rule sees.",
                Double(alerts.late.count)),
            counter(
                "quantrac_late_readings_forgotten_total",
                "Readings that came behind newer ones and that rules see all the same, because there were too many.",
                alerts.late.forgotten),
            counter("quantrac_store_duplicates_total", "Samples that were stored already.", statistics.duplicates),
            MetricFamily(
                "quantrac_store_refused_total", .counter, help: "What the store refused, by reason.",
                values: [
                    .init(Double(statistics.refusedTooOld), labels: [Label("reason", "too_old")]),
                    .init(Double(statistics.refusedRegistrations), labels: [Label("reason", "no_room_for_series")]),
                    .init(Double(statistics.refusedUnknownSeries), labels: [Label("reason", "unknown_series")]),
                ]),
            gauge("quantrac_store_segments", "Segments that the pool has room for.", Double(statistics.poolSegments)),
            gauge("quantrac_store_segments_used", "Segments that hold data.", Double(statistics.poolSegmentsUsed)),
            counter("quantrac_store_sealed_segments_total", "Segments written.", statistics.sealedSegments),
            counter(
                "quantrac_store_sealing_waits_total", "How often readings waited for a segment to be made.",
                statistics.sealingWaits),
            counter(
                "quantrac_store_evicted_segments_total", "Segments that gave way to newer ones.",
                statistics.evictedSegments),
            gauge("quantrac_store_log_bytes", "Bytes of the log.", Double(statistics.logBytes)),
            gauge(
                "quantrac_store_log_used_bytes", "Bytes of the log that are needed.", Double(statistics.logBytesUsed)),
            gauge(
                "quantrac_store_sync_window_seconds", "How long a batch may gather before it is synced.",
                syncWindow.now.inSeconds),
            gauge(
                "quantrac_store_sync_seconds", "What a sync of the log takes, the median of the newest.",
                Double(syncWindow.typicalMicroseconds ?? 0) / 1e6),
            counter("quantrac_import_readings_total", "Imported readings that became durable.", imported.stored),
            counter(
                "quantrac_import_duplicates_total", "Imported readings that were there already.", imported.duplicates),
            MetricFamily(
                "quantrac_import_refused_total", .counter, help: "Imported readings refused, by reason.",
                values: imported.refused.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), labels: [Label("reason", $0.key)])
                }),
            counter("quantrac_store_syncs_total", "Syncs of the log.", statistics.syncs),
            gauge(
                "quantrac_store_last_sync_seconds", "How long the last sync took.",
                Double(statistics.lastSyncMicroseconds) / 1e6),
            counter("quantrac_store_written_bytes_total", "Bytes written to disk.", statistics.bytesWritten),
            counter(
                "quantrac_store_damaged_total", "Places in the store's files that were found damaged.",
                statistics.damagedChunks + statistics.damagedFrames),
            gauge("quantrac_store_writable", "1 while readings can be stored.", statistics.writeError == nil ? 1 : 0),
            gauge("quantrac_live_listeners", "Open streams of /api/v1/live.", Double(feed.listenerCount)),
        ] + registryMetrics + quotaMetrics + deliveryMetrics + [ruleMetric]
    }

    private var ruleMetric: MetricFamily {
        MetricFamily(
            "quantrac_rule_ticks_missed_total", .counter,
            help: "Evaluations of a group that were left out because the one before was still under way.",
            values: alerts.reports().map {
                .init(Double($0.missedTicks ?? 0), labels: [Label("rule_group", "\($0.file);\($0.name)")])
            })
    }
}
