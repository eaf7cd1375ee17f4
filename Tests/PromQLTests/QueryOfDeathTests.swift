import PromQL
import Readings
import Synchronization
import TestSupport
import Testing

@Suite("A query made to hurt ends soon, with the limit's name")
struct QueryOfDeathTests {
    private var source: MemorySeriesSource {
        var source = MemorySeriesSource()
        for index in 0..<200 {
            source.add(
                ["__name__": "x", "i": "\(index)", "j": "\(index % 7)"], every: 15,
                (0..<400).map { Double($0 % 17 + index) })
        }
        return source
    }

    private func failure(_ text: String, _ limits: QueryLimits) -> PromQLError? {
        do {
            _ = try Query(text).range(
                from: .seconds(0), to: .seconds(6000), stepMilliseconds: 15_000, source: source,
                options: QueryOptions(limits: limits))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "the first limit that is hit is named",
        arguments: [
            ("x[1y:1ms]", "limit on steps"), ("max_over_time(x[30d:1s])", "limit on steps"),
            ("max_over_time(max_over_time(max_over_time(x[5d:1s])[5d:1s])[5d:1s])", "limit on steps"),
            ("x", "limit on points"), ("x + x", "limit on memory"), ("x or x", "limit on memory"),
            ("label_replace(x, \"k\", \"$1\", \"i\", \"(.*)\")", "limit on memory"),
            ("quantile(0.5, x)", "limit on memory"), ("topk(100, x)", "limit on memory"),
            ("count_values(\"v\", rate(x[1m]) + time() + ignoring () x)", "limit on memory"),
            ("sum by (i) (x)", "limit on memory"), ("x[2h]", "limit on memory"),
            ("sum(rate(x[5m]))", "limit on samples"),
            (
                "label_replace(label_replace(x, \"k\", \"\(String(repeating: "y", count: 900))\", \"i\", \".*\"), \"k\", "
                    + "\"\(String(repeating: "$1", count: 80))\", \"k\", \"(.*)\")", "limit on labels"
            ),
            ("label_join(x, \"k\", \"\(String(repeating: "y", count: 70_000))\", \"i\", \"i\")", "limit on labels"),
        ])
    func limits(text: String, limit: String) {
        let tight = QueryLimits(
            maximumSamples: limit == "limit on samples" ? 10_000 : 200_000,
            maximumPoints: 20_000, maximumMemory: limit == "limit on memory" ? 100_000 : 64 << 20)
        // As an instant, `x[…]` is a query, too.
        let error =
            text.hasPrefix("x[")
            ? #expect(throws: PromQLError.self) {
                try Query(text).instant(at: .seconds(6000), source: source, options: QueryOptions(limits: tight))
            } : failure(text, tight)
        #expect(error?.kind == .execution)
        #expect(error?.message.contains(limit) == true, "\(text): \(error?.message ?? "no error")")
    }

    @Test("what goes on for long with what was read looks at the clock", arguments: ["sort(", "sum by (i) (", "abs("])
    func looksAtTheClock(outer: String) throws {
        func looks(nested depth: Int) throws -> Int {
            let looks = Mutex(0)
            let text = String(repeating: outer, count: depth) + "x" + String(repeating: ")", count: depth)
            let options = QueryOptions(isCancelled: {
                looks.withLock { $0 += 1 }
                return false
            })
            _ = try Query(text).instant(at: .seconds(6000), source: source, options: options)
            return looks.withLock { $0 }
        }
        // Of 200 series once in five times.
        let (few, many) = (try looks(nested: 0), try looks(nested: 50))
        #expect(many >= few + 9)
    }

    @Test("numbers and nested subqueries count with all their steps")
    func plain() {
        let ones = String(repeating: " * 1", count: 400)
        let nested =
            String(repeating: "max_over_time((", count: 60) + "x" + String(repeating: ")[10h:1s])", count: 60)
        for text in ["max_over_time((vector(1)\(ones))[1d:1s])", nested, "1\(ones) + time()\(ones)"] {
            let error = failure(text, QueryLimits(maximumMemory: 2 << 20))
            #expect(error?.message.contains("limit on memory") == true, "\(text.prefix(60)): \(error?.message ?? "-")")
        }
    }

    @Test("an aggregation holds its groups and not its series")
    func streaming() throws {
        // 80,200 values stream through; two for each step are held.
        #expect(failure("sum(x)", QueryLimits(maximumPoints: 3000, maximumMemory: 48_000)) == nil)
        #expect(failure("max(rate(x[5m]))", QueryLimits(maximumPoints: 3000, maximumMemory: 48_000)) == nil)
        #expect(failure("count(x > 5)", QueryLimits(maximumPoints: 3000, maximumMemory: 48_000)) == nil)
        #expect(failure("x unless x", QueryLimits(maximumPoints: 3000, maximumMemory: 48_000)) == nil)
    }

    @Test(
        "time is up although nothing new is read",
        arguments: [
            "max_over_time(max_over_time(x[4d:2s])[4d:2s])", "quantile_over_time(0.5, x[2d:1s])",
            "stddev_over_time(sum_over_time(x[1d:1s])[1d:1s])",
        ])
    func time(text: String) {
        let start = ContinuousClock.now
        let error = failure(
            text, QueryLimits(maximumSubquerySteps: 400_000, maximumMemory: 4 << 30, timeout: .milliseconds(300)))
        #expect(error?.kind == .timeout, "\(text): \(error?.message ?? "no error")")
        #expect(ContinuousClock.now - start < .seconds(20), "\(text)")
    }

    @Test("expressions made to explode are matched in linear time or refused")
    func regularExpressions() throws {
        let start = ContinuousClock.now
        for pattern in ["(a+)+b", "(x|x)*y", "(.*)*(.*)*(.*)*z"] {
            #expect(failure("x{i=~\"\(pattern)\"}", QueryLimits()) == nil)
            #expect(failure("label_replace(x, \"k\", \"$1\", \"i\", \"\(pattern)\")", QueryLimits()) == nil)
        }
        for pattern in ["(a{1000}){1000}", "((((a{30}){30}){30}){30})", "(?:(?:(?:a{900}){900}))"] {
            let error = #expect(throws: PromQLError.self) { try Query("x{i=~\"\(pattern)\"}") }
            #expect(error?.message.contains("repetitions") == true)
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
