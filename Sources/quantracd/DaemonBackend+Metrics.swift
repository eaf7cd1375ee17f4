import Intake
import MQTTSubscriber
import QueryServer
import Readings
import RingStore

extension DaemonBackend {
    /// The daemon's own measurements. Names follow Prometheus's conventions: base units, `_total` for counters.
    func metrics() -> [MetricFamily] {
        let totals = ledger.totals(now: .now)
        let statistics = store.statistics
        let status = link.status
        var connected = false
        if case .connected = status.state { connected = true }
        func counter(_ name: String, _ help: String, _ value: UInt64) -> MetricFamily {
            MetricFamily(name, .counter, help: help, values: [.init(Double(value))])
        }
        func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            MetricFamily(name, .gauge, help: help, values: [.init(value)])
        }
        let refused = totals.refusals.sorted { $0.key < $1.key }.map {
            MetricFamily.Value(Double($0.value), labels: [Label("reason", $0.key)])
        }
        return [
            gauge("quantrac_broker_connected", "1 while the broker has accepted us.", connected ? 1 : 0),
            counter("quantrac_broker_connects_total", "Times the broker accepted us.", status.connects),
            counter(
                "quantrac_broker_sessions_lost_total", "Times the broker had forgotten our session.",
                status.sessionsLost),
            counter(
                "quantrac_publications_dropped_total", "Alert notices given up because too many waited.",
                status.publicationsDropped),
            counter("quantrac_messages_total", "MQTT messages taken in.", totals.messages),
            counter(
                "quantrac_messages_redelivered_total", "Messages that the broker sent a second time.",
                totals.redeliveredMessages),
            counter("quantrac_readings_total", "Readings that became durable.", totals.readings),
            counter(
                "quantrac_readings_duplicate_total", "Readings that were there already.", totals.duplicateReadings),
            MetricFamily(
                "quantrac_refused_total", .counter, help: "Messages or readings refused, by reason.", values: refused),
            gauge("quantrac_store_disk_budget_bytes", "store.diskBudget.", Double(statistics.diskBudget)),
            gauge("quantrac_store_disk_used_bytes", "Bytes of the store's files.", Double(statistics.diskUsed)),
            gauge(
                "quantrac_store_memory_used_bytes", "Bytes of the store's head and index.",
                Double(statistics.memoryUsed)),
            gauge("quantrac_store_series", "Series in the catalogue.", Double(statistics.seriesCount)),
            gauge("quantrac_store_samples", "Samples held.", Double(statistics.sampleCount)),
            counter("quantrac_store_syncs_total", "Syncs of the log.", statistics.syncs),
            gauge(
                "quantrac_store_last_sync_seconds", "How long the last sync took.",
                Double(statistics.lastSyncMicroseconds) / 1e6),
            counter("quantrac_store_written_bytes_total", "Bytes written to disk.", statistics.bytesWritten),
            counter(
                "quantrac_store_damaged_total", "Chunks and log frames whose checksum failed.",
                statistics.damagedChunks + statistics.damagedFrames),
            gauge("quantrac_store_writable", "1 while readings can be stored.", statistics.writeError == nil ? 1 : 0),
            gauge("quantrac_live_listeners", "Open streams of /api/v1/live.", Double(feed.listenerCount)),
        ]
    }
}
