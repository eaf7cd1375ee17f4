import Intake
import Readings

/// A store that keeps nothing but the series' labels, of which it takes so many, and notes what may not be in them.
final class StandInStore: ReadingStore {
    static let seriesLimit = 20_000

    private(set) var fault: String?
    private(set) var digest = AnswerDigest()
    private(set) var samples: UInt64 = 0
    private var numbers: [Labels: SeriesRef] = [:]
    private var open: UInt64 = 0

    var seriesCount: Int { numbers.count }

    func series(for labels: Labels, unit: String?) -> SeriesRef? {
        fault = fault ?? AnswerRules.fault(in: labels)
        if let known = numbers[labels] { return known }
        guard numbers.count < StandInStore.seriesLimit else { return nil }
        digest.add(labels)
        let ref = SeriesRef(index: UInt32(numbers.count))
        numbers[labels] = ref
        return ref
    }

    func findSeries(_ labels: Labels) -> SeriesRef? { numbers[labels] }
    func seriesCount(ofHousehold household: String) -> Int { numbers.count }
    func lastTime(of series: SeriesRef) -> Timestamp? { nil }
    func value(of series: SeriesRef, at time: Timestamp) -> Double? { nil }
    func beginMessage(fingerprint: UInt64?) {}

    func beginRow(at time: Timestamp) { digest.add(UInt64(bitPattern: time.milliseconds)) }

    func add(_ value: Double, to series: SeriesRef) {
        if !value.isFinite { fault = fault ?? "not finite" }
        digest.add(UInt64(series.index))
        digest.add(value.bitPattern)
        open += 1
    }

    var rememberedFingerprints: [UInt64] { [] }

    func commit() -> CommitOutcome {
        defer { open = 0 }
        samples += open
        return CommitOutcome(stored: open, duplicates: 0, tooOld: 0, notStored: [])
    }
}
