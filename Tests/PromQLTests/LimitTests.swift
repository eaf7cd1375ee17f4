import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

@Suite("A query stops at its limits and says which one it was")
struct LimitTests {
    private var source: MemorySeriesSource {
        var source = MemorySeriesSource()
        for index in 0..<10 { source.add(["__name__": "x", "i": "\(index)"], (0..<100).map(Double.init)) }
        return source
    }

    private func range(_ limits: QueryLimits, step: Int64 = 60_000) -> PromQLError? {
        do {
            _ = try Query("x").range(
                from: .seconds(0), to: .seconds(6000), stepMilliseconds: step, source: source,
                options: QueryOptions(limits: limits))
            return nil
        } catch {
            return error
        }
    }

    @Test("points, series, samples, values and time")
    func limits() {
        #expect(range(QueryLimits()) == nil)
        let points = range(QueryLimits(maximumPointsPerSeries: 100))
        #expect(points?.kind == .badData && points?.message.contains("maximum resolution of 100 points") == true)
        #expect(range(QueryLimits(maximumPointsPerSeries: 101)) == nil)
        let series = range(QueryLimits(maximumSeries: 9))
        #expect(series?.kind == .execution && series?.message.contains("limit on series") == true)
        let samples = range(QueryLimits(maximumSamples: 999))
        #expect(samples?.kind == .execution && samples?.message.contains("limit on samples") == true)
        #expect(range(QueryLimits(maximumSamples: 1000)) == nil)
        // The last step's sample is still there a minute later: 101 values for each of ten series.
        let values = range(QueryLimits(maximumPoints: 1009))
        #expect(values?.kind == .execution && values?.message.contains("limit on points") == true)
        #expect(range(QueryLimits(maximumPoints: 1010)) == nil)
        #expect(range(QueryLimits(timeout: .zero))?.kind == .timeout)
    }

    @Test("eleven thousand points a series are allowed by default, one more is not")
    func defaultResolution() throws {
        func run(_ end: Int64) throws {
            _ = try Query("1").range(
                from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: end), stepMilliseconds: 1000,
                source: MemorySeriesSource())
        }
        try run(10_999_000)
        #expect(throws: PromQLError.self) { try run(11_000_000) }
    }

    @Test("impossible ranges are refused, and none of them traps")
    func impossibleRanges() throws {
        let query = try Query("x offset 1y @ end()")
        func run(_ start: Int64, _ end: Int64, _ step: Int64) throws(PromQLError) {
            _ = try query.range(
                from: Timestamp(milliseconds: start), to: Timestamp(milliseconds: end), stepMilliseconds: step,
                source: source)
        }
        #expect(throws: PromQLError.self) { try run(0, 1, 0) }
        #expect(throws: PromQLError.self) { try run(0, 1, -1) }
        #expect(throws: PromQLError.self) { try run(1, 0, 1) }
        #expect(throws: PromQLError.self) { try run(.min, .max, 1) }
        #expect(throws: PromQLError.self) { try run(.min, .max, .max) }
        try run(.max, .max, .max)
        try run(.min, .min, 1)
        try run(0, .max - 1, .max)
        for text in [
            "max_over_time(x[290y:1ms])", "x[290y:1ms] offset 290y", "sum_over_time((x offset -290y)[290y:290y])",
        ] {
            for time in [Int64.min, -1, .max] {
                _ = try? Query(text).instant(at: Timestamp(milliseconds: time), source: source)
                _ = try? Query(text).range(
                    from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: .max - 1),
                    stepMilliseconds: .max / 2, source: source)
            }
        }
        for time in [Int64.min, .max] {
            _ = try Query("x").instant(at: Timestamp(milliseconds: time), source: source)
        }
    }

    @Test("a string has no range")
    func stringRange() {
        let error = #expect(throws: PromQLError.self) {
            try Query("\"a\"").range(from: .seconds(0), to: .seconds(1), stepMilliseconds: 1000, source: source)
        }
        #expect(error?.message.contains("range query") ?? false)
    }

    @Test("a query whose asker has gone ends while it runs")
    func cancellation() {
        let asked = Mutex(0)
        let options = QueryOptions(isCancelled: {
            asked.withLock {
                $0 += 1
                return $0 > 5
            }
        })
        let error = #expect(throws: PromQLError.self) {
            try Query("x").range(
                from: .seconds(0), to: .seconds(6000), stepMilliseconds: 60_000, source: source, options: options)
        }
        #expect(error?.kind == .canceled)
    }

    @Test("a store that can't be read is an internal error with its reason")
    func storeFailure() {
        var source = source
        source.failure = MemorySeriesSource.StoreFailure()
        let error = #expect(throws: PromQLError.self) { try Query("x").instant(at: .seconds(60), source: source) }
        #expect(error?.kind == .internalError && error?.message.contains("the disk is gone") == true)
    }
}
