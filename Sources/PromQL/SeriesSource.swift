import Readings

/// Where the evaluator finds series: the store seen from the right of it, and whatever a test puts in its place.
///
/// A source shows one consistent moment for as long as a query runs, and only what the asking household may see: the
/// household's condition is added here, below the language, so that no expression can step around it.
///
/// Calls may block on the disk. They must run on a thread that may wait, never on the cooperative pool.
public protocol SeriesSource: Sendable {
    /// The series that meet every one of `matchers` and may have samples in `range` (both ends belong to it), sorted by
    /// their labels. A series whose samples turn out to lie outside `range` does no harm.
    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries]

    /// Whether any series of it may know of damage: if not, none need be asked. To be looked at after reading, which finds it.
    var mayBeDamaged: Bool { get }
}

extension SeriesSource {
    public var mayBeDamaged: Bool { true }
}

/// One series of a source, with its samples still where they are kept.
public protocol SelectedSeries: Sendable {
    var labels: Labels { get }
    /// The canonical unit of the values; nil if no message told it.
    var unit: String? { get }
    /// The newest sample at all; nil if there is none. Takes constant time.
    var last: Sample? { get }
    /// Whether there are samples that only those see who ask at their very instant, as the newest one; no other property knows of
    /// them.
    var hasMomentary: Bool { get }
    /// The one of `time`; a staleness marker where the series has ended for who asks then. Nil if there is none.
    func momentary(at time: Timestamp) -> Sample?

    /// Hands the samples in `range` (both ends belong to it) to `body`, in runs of ascending time, no instant twice.
    /// `body` returns false when it needs no more.
    ///
    /// Memory is that of one run, however long the range is.
    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws

    /// Hands what the samples of each bucket come to to `body`, in runs of ascending buckets; `body` returns false when it
    /// needs no more.
    ///
    /// Buckets are `step` milliseconds wide, above 0, and one begins at `origin`. All that overlap `range` come, each with
    /// all its samples; one without samples is left out. A source may know buckets of which the samples are gone. What
    /// `detail` does not ask for may be anything.
    func forEachAggregate(
        in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp, detail: AggregateDetail,
        _ body: (Span<Aggregate>) throws -> Bool
    ) throws

    /// Whether `forEachAggregate` costs less than reading the samples, and its sums are no less exact than theirs: only then
    /// is it asked in their place.
    var foldsItself: Bool { get }

    /// The width in milliseconds of the records, made of samples before, from which `forEachAggregate` takes what such buckets come
    /// to, as far as there are any; nil if it adds up samples.
    func recordWidth(step: Int64, origin: Timestamp) -> Int64?

    /// Steps of which `forEachAggregate` knows all that is still known of `range`: `step`, and longer ones where the samples
    /// are gone and what remains of them does not tell steps so short. Ascending.
    func stepRanges(in range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) -> [StepRange]

    /// What is known to be missing of `range` because it is damaged where it is kept. Reading finds it: whoever asks after
    /// reading learns of everything that was left out.
    func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples]
}

/// Samples of a series, or what its minutes and hours come to, that can no more be read.
public struct DamagedSamples: Sendable {
    /// They lie within it.
    public var range: ClosedRange<Timestamp>
    /// File and place, and what is wrong there.
    public var what: String

    public init(range: ClosedRange<Timestamp>, what: String) {
        self.range = range
        self.what = what
    }
}

extension SelectedSeries {
    /// Of a source that has samples and nothing else.
    public var foldsItself: Bool { false }

    /// Of a source that shows the same to everybody.
    public var hasMomentary: Bool { false }
    public func momentary(at time: Timestamp) -> Sample? { nil }

    /// Of a source that loses nothing.
    public func damage(in range: ClosedRange<Timestamp>) -> [DamagedSamples] { [] }

    /// The samples in `range` as an array, at most `limit` of them.
    public func samples(in range: ClosedRange<Timestamp>, limit: Int = .max) throws -> [Sample] {
        var out: [Sample] = []
        try forEachRun(in: range) { run in
            for index in run.indices {
                guard out.count < limit else { return false }
                out.append(run[index])
            }
            return true
        }
        return out
    }
}
