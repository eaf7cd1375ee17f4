import Foundation
import Readings

/// Something that one should know of an answer, though it is one.
struct Annotation: Sendable {
    enum Level: Sendable { case warning, info }

    let level: Level
    /// What it is about, in Prometheus's words. Annotations of the same text are one.
    let text: String
    /// Where the part of the query begins that caused it, as a byte of its UTF-8 form.
    var place: Int
    /// Of a histogram that was repaired, what was repaired.
    var repair: HistogramRepair?

    private init(_ level: Level, _ text: String, at span: Range<Int>, repair: HistogramRepair? = nil) {
        self.level = level
        self.text = (level == .warning ? "PromQL warning: " : "PromQL info: ") + text
        place = span.lowerBound
        self.repair = repair
    }

    /// The text with all that is only known at the end; `position` is `line:column`.
    func described(at position: String) -> String {
        text + (repair.map { ", \($0.description)" } ?? "") + " (\(position))"
    }

    // MARK: The annotations there are

    static func invalidQuantile(_ phi: Double, at span: Range<Int>) -> Annotation {
        Annotation(
            .warning, "quantile value should be between 0 and 1, got \(FormattedValue.general(phi))", at: span)
    }

    static func possibleNonCounter(_ metric: String, at span: Range<Int>) -> Annotation {
        Annotation(
            .info,
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                + quoted(metric), at: span)
    }

    static func badBucketLabel(_ metric: String, _ bound: String, at span: Range<Int>) -> Annotation {
        Annotation(
            .warning,
            "bucket label \"le\" is missing or has a malformed value of \(quoted(bound))" + ofMetric(metric), at: span)
    }

    static func sortInRange(at span: Range<Int>) -> Annotation {
        Annotation(
            .warning, "sort is ineffective for range queries since results are always ordered by labels", at: span)
    }

    static func forcedMonotonicity(_ metric: String, _ repair: HistogramRepair, at span: Range<Int>) -> Annotation {
        Annotation(
            .info,
            "input to histogram_quantile needed to be fixed for monotonicity (see "
                + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
                + ofMetric(metric), at: span, repair: repair)
    }

    static func incompatibleTypes(_ op: BinaryOperator, at span: Range<Int>) -> Annotation {
        Annotation(
            .info,
            "incompatible sample types encountered for binary operator \"\(op.rawValue)\": float \(op.rawValue) float",
            at: span)
    }

    /// Not in Prometheus, which forgets what is old altogether.
    static func standIns(until: Timestamp, width: Int64) -> Annotation {
        Annotation(
            .info,
            "readings up to \(until.rfc3339) are no longer kept one by one: the last of each \(width / 1000) s, or less, stands "
                + "for the others; with *_over_time, ranges and steps of whole hours on the hour tell exactly",
            at: 0..<0)
    }

    private static func ofMetric(_ metric: String) -> String {
        metric.isEmpty ? "" : " for metric name \(quoted(metric))"
    }

    private static func quoted(_ text: String) -> String { "\"\(Labels.escaped(text))\"" }
}

/// How far a classic histogram's buckets were from growing with their bounds, over all steps.
struct HistogramRepair: Sendable {
    var lowestBound = Double.infinity
    var highestBound = -Double.infinity
    var largestDifference = 0.0
    var first = Timestamp(milliseconds: .max)
    var last = Timestamp(milliseconds: .min)
    var count = 0

    mutating func merge(_ other: HistogramRepair) {
        lowestBound = min(lowestBound, other.lowestBound)
        highestBound = max(highestBound, other.highestBound)
        largestDifference = max(largestDifference, other.largestDifference)
        first = min(first, other.first)
        last = max(last, other.last)
        count += other.count
    }

    var description: String {
        "from buckets \(FormattedValue.general(lowestBound)) to \(FormattedValue.general(highestBound)), "
            + "with a max diff of \(String(format: "%.2g", largestDifference)), over \(count) samples "
            + "from \(HistogramRepair.second(first)) to \(HistogramRepair.second(last))"
    }

    private static func second(_ time: Timestamp) -> String { time.rfc3339.prefix { $0 != "." } + "Z" }
}
