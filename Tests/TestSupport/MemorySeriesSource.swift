import PromQL
import Readings

/// Series in memory, handed out in short runs so that what spans runs is tested too.
public struct MemorySeriesSource: SeriesSource {
    private var series: [MemorySeries] = []
    /// What reading throws, if it is to fail.
    public var failure: StoreFailure?

    public struct StoreFailure: Error, CustomStringConvertible {
        public init() {}
        public var description: String { "the disk is gone" }
    }

    public init() {}

    /// Adds a series with a value at `start`, `start + step` … seconds after 1970; nil leaves a gap.
    public mutating func add(_ labels: Labels, from start: Double = 0, every step: Double = 60, _ values: [Double?]) {
        let samples = values.enumerated().compactMap { index, value in
            value.map { Sample(time: .seconds(start + Double(index) * step), value: $0) }
        }
        add(labels, samples)
    }

    /// Adds a series with these samples, which ascend in time.
    public mutating func add(_ labels: Labels, _ samples: [Sample]) {
        series.append(MemorySeries(labels: labels, samples: samples, failure: nil))
        series.sort { $0.labels < $1.labels }
    }

    public func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        series.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
            .map { MemorySeries(labels: $0.labels, samples: $0.samples, failure: failure) }
    }
}

private struct MemorySeries: SelectedSeries {
    let labels: Labels
    let samples: [Sample]
    let failure: MemorySeriesSource.StoreFailure?
    var unit: String? { nil }
    var last: Sample? { samples.last }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        if let failure { throw failure }
        let wanted = samples.filter { range.contains($0.time) }
        for start in stride(from: 0, to: wanted.count, by: 3) {
            let run = Array(wanted[start..<min(start + 3, wanted.count)])
            guard try body(run.span) else { return }
        }
    }
}

extension Timestamp {
    public static func seconds(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
    }
}
