import Intake
import Readings

/// A store for tests that keeps everything in dictionaries, with the rules of the real one: a sample that is there is a
/// duplicate, and a failed commit forgets its batch.
final class MemoryStore: ReadingStore {
    struct Full: Error {}

    var seriesLimit = Int.max
    var failsCommit = false
    private(set) var labels: [Labels] = []
    private(set) var units: [String?] = []
    private(set) var samples: [[Timestamp: Double]] = []
    private(set) var rememberedFingerprints: [UInt64] = []
    private(set) var rows = 0

    private var open: [(series: SeriesRef, sample: Sample)] = []
    private var openFingerprints: [UInt64] = []
    private var rowTime = Timestamp(milliseconds: 0)

    private var numbers: [Labels: SeriesRef] = [:]
    private var households: [String: Int] = [:]

    func findSeries(_ labels: Labels) -> SeriesRef? { numbers[labels] }

    func seriesCount(ofHousehold household: String) -> Int { households[household] ?? 0 }

    func series(for labels: Labels, unit: String?) -> SeriesRef? {
        if let known = numbers[labels] {
            if unit != nil { units[Int(known.index)] = unit }
            return known
        }
        guard self.labels.count < seriesLimit else { return nil }
        let ref = SeriesRef(index: UInt32(self.labels.count))
        numbers[labels] = ref
        households[labels.household, default: 0] += 1
        self.labels.append(labels)
        units.append(unit)
        samples.append([:])
        return ref
    }

    func lastTime(of series: SeriesRef) -> Timestamp? { samples[Int(series.index)].keys.max() }

    func value(of series: SeriesRef, at time: Timestamp) -> Double? { samples[Int(series.index)][time] }

    func beginRow(at time: Timestamp) {
        rowTime = time
        rows += 1
    }

    func add(_ value: Double, to series: SeriesRef) {
        open.append((series, Sample(time: rowTime, value: value)))
    }

    func beginMessage(fingerprint: UInt64?) {
        if let fingerprint { openFingerprints.append(fingerprint) }
    }

    func commit() throws -> CommitOutcome {
        defer {
            open = []
            openFingerprints = []
        }
        if failsCommit { throw Full() }
        rememberedFingerprints += openFingerprints
        var notStored: Set<Int> = []
        for (index, (series, sample)) in open.enumerated() {
            let number = Int(series.index)
            if samples[number][sample.time] == sample.value { notStored.insert(index) }
            samples[number][sample.time] = sample.value
        }
        return CommitOutcome(
            stored: UInt64(open.count - notStored.count), duplicates: UInt64(notStored.count), tooOld: 0,
            notStored: notStored)
    }

    /// `metric` of `device` → its samples by time.
    func samples(_ metric: String, _ device: String, household: String = "home") -> [Sample] {
        guard
            let index = labels.firstIndex(where: {
                $0.metric == metric && $0.device == device && $0.household == household
            })
        else { return [] }
        return samples[index].sorted { $0.key < $1.key }.map { Sample(time: $0.key, value: $0.value) }
    }
}
