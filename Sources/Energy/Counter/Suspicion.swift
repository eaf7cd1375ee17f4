import Readings

/// Readings that do not go on from the last good one. Those after them tell whether they were wrong, or the counter was set
/// to another level. Memory is that of a few readings, however many there are.
struct Suspicion {
    enum Kind {
        /// Below the last good reading.
        case low
        /// Below it by so little that only its staying there would tell anything.
        case little
        /// Above it by more than can have been consumed.
        case high
    }

    let kind: Kind
    /// The first ones of an ascending run, and the newest: never empty.
    private(set) var run: [Sample]
    private var count = 1

    /// Where a run is longer, its newest reading takes the place of the one before.
    private static let mostKept = 4
    /// A level that so many readings hold for so long is a new one.
    private static let enough = 3
    private static let longEnough: Int64 = 600_000
    /// What lies so little below may be rounding, which can take its time.
    private static let longEnoughForLittle: Int64 = 86_400_000
    /// Falls of no more than this part of the counter's value are little.
    static let little = 0.001

    init(_ kind: Kind, _ sample: Sample) {
        self.kind = kind
        run = [sample]
    }

    var first: Sample { run[0] }
    var newest: Sample { run[run.count - 1] }

    /// Whether the readings have held the new level for so long that they must be believed.
    var isConfirmed: Bool {
        let length = newest.time.milliseconds(since: first.time)
        return kind == .little
            ? length >= Suspicion.longEnoughForLittle : count >= Suspicion.enough && length >= Suspicion.longEnough
    }

    /// Takes a reading that goes on from the newest; one that lies below it by little counts as equal.
    mutating func extend(_ sample: Sample) {
        let next = Sample(time: sample.time, value: max(sample.value, newest.value))
        count = min(count + 1, Suspicion.enough)
        if run.count < Suspicion.mostKept { run.append(next) } else { run[run.count - 1] = next }
    }
}
