import PromQL
import Readings
import RingStore
import StorageSimulator

@testable import quantracd

/// A store with a series `x`, readings of it that come when the test says so, and what rules see of them.
final class LateHome {
    let store: RingStore
    let writer: StoreWriter
    let series: SeriesRef
    /// Of another series, beside which readings may stand in their rows.
    let noise: SeriesRef
    let late: LateReadings
    let arrivals = ArrivalWatch(wakeUp: {})
    /// The wall clock.
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    static let labels: Labels = ["__name__": "x", "device": "d", "household": "h"]
    private lazy var batch = StoreBatch(
        store: store, writer: writer, syncWindow: SyncWindow(fixed: .zero, disk: nil), arrivals: arrivals, late: late,
        now: { [unowned self] in now })

    struct Refused: Error {}

    /// - Parameter patience: as `LateReadings` has it; 0: whatever is behind is late.
    init(seed: UInt64, capacity: Int = 100_000, patience: Int64 = 0) throws {
        late = LateReadings(capacity: capacity, patience: patience)
        (store, writer) = try RingStore.open(
            directory: SimulatedDisk(seed: seed).directory, options: .tiny(segments: 512))
        guard case .series(let series) = writer.register(SeriesDescriptor(labels: LateHome.labels, unit: nil)),
            case .series(let noise) = writer.register(
                SeriesDescriptor(labels: LateHome.labels.setting("device", to: "noise"), unit: nil))
        else { throw Refused() }
        self.series = series
        self.noise = noise
        // So that the series is in the log before anything of it.
        _ = try writer.append(Batch())
    }

    /// Takes in messages, each with its readings, which are made durable together.
    ///
    /// - Parameter noise: asked for each reading what stands beside it.
    func take(messages: [[(time: Timestamp, value: Double)]], noise value: () -> Double? = { nil }) throws {
        for message in messages {
            batch.beginMessage(fingerprint: nil)
            for (time, reading) in message {
                batch.beginRow(at: time)
                batch.add(reading, to: series)
                if let value = value() { batch.add(value, to: noise) }
            }
        }
        _ = try batch.commit()
    }

    /// Takes in readings, each as a message of its own.
    func take(_ readings: [(time: Timestamp, value: Double)]) throws { try take(messages: readings.map { [$0] }) }

    /// What rules see now.
    var source: any SeriesSource { StoreSource(snapshot: store.snapshot(), late: late.moment) }

    /// All values of the series that `source` shows.
    func samples(of source: any SeriesSource) throws -> [Double] {
        let all = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
        return try seen(by: source)?.samples(in: all).map(\.value) ?? []
    }

    /// The series as `source` shows it.
    func seen(by source: any SeriesSource) throws -> (any SelectedSeries)? {
        let all = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
        return try source.series(matching: [LabelMatcher("device", equals: "d")], in: all).first
    }
}
