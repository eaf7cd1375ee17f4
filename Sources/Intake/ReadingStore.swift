import Readings

/// What the intake needs of a store: series, and one commit for everything that was added since the last.
///
/// Used on the ingest thread only.
public protocol ReadingStore: AnyObject {
    /// The series with these labels, made if it is new; nil if the store has no room for another. The registration
    /// becomes durable with the next commit.
    func series(for labels: Labels, unit: String?) -> SeriesRef?

    /// The series with these labels, if there is one. Makes nothing.
    func findSeries(_ labels: Labels) -> SeriesRef?

    /// How many series the household has, those without samples included.
    func seriesCount(ofHousehold household: String) -> Int

    /// The time of the newest sample; nil if the series has none.
    func lastTime(of series: SeriesRef) -> Timestamp?

    /// The value that is stored for an instant; nil if there is none. May wait for the disk.
    func value(of series: SeriesRef, at time: Timestamp) -> Double?

    /// Begins a message. Its fingerprint, if it has one, becomes durable together with its rows.
    func beginMessage(fingerprint: UInt64?)
    /// Begins a row of the message: samples that share an instant.
    func beginRow(at time: Timestamp)
    /// Adds a sample to the row begun last.
    func add(_ value: Double, to series: SeriesRef)

    /// The fingerprints remembered last, before and after the restart: at least as many as the broker may send again.
    var rememberedFingerprints: [UInt64] { get }

    /// Makes everything added since the last commit durable, with one sync.
    ///
    /// - Throws: if not all of it is; the additions are then forgotten, and the broker sends their messages again.
    func commit() throws -> CommitOutcome
}

/// What became of the samples of one commit.
public struct CommitOutcome: Sendable {
    /// Samples that are new.
    public var stored: UInt64
    /// Samples that were there already, with the same time and value.
    public var duplicates: UInt64
    /// Samples older than what the store still holds.
    public var tooOld: UInt64
    /// Which samples, counted in the order of the `add` calls, are not new. Mostly empty.
    public var notStored: Set<Int>

    public init(stored: UInt64, duplicates: UInt64, tooOld: UInt64, notStored: Set<Int>) {
        self.stored = stored
        self.duplicates = duplicates
        self.tooOld = tooOld
        self.notStored = notStored
    }
}

/// A reading that has just become durable.
public struct DurableReading: Sendable {
    public var labels: Labels
    public var unit: String?
    public var sample: Sample

    public init(labels: Labels, unit: String?, sample: Sample) {
        self.labels = labels
        self.unit = unit
        self.sample = sample
    }
}
