import PromQL
import Readings
import TestSupport
import Testing

@Suite("A query's answer is the one Prometheus gives")
struct EvaluationTests {
    private let stale = Double(bitPattern: StalenessMarker.bitPattern)

    private func vector(
        _ text: String, at seconds: Double, _ source: MemorySeriesSource, options: QueryOptions = QueryOptions()
    ) throws -> [String: Double] {
        let answer = try Query(text).instant(at: .seconds(seconds), source: source, options: options)
        guard case .vector(let elements) = answer.value else {
            Issue.record("no vector: \(answer.value)")
            return [:]
        }
        #expect(elements.allSatisfy { $0.sample.time == .seconds(seconds) })
        return Dictionary(uniqueKeysWithValues: elements.map { ($0.labels.description, $0.sample.value) })
    }

    /// Each series as `labels: time=value …`, times in seconds.
    private func matrix(
        _ text: String, from start: Double, to end: Double, step: Double, _ source: MemorySeriesSource,
        options: QueryOptions = QueryOptions()
    ) throws -> [String] {
        let answer = try Query(text).range(
            from: .seconds(start), to: .seconds(end), stepMilliseconds: Int64(step * 1000), source: source,
            options: options)
        guard case .matrix(let series) = answer.value else { return ["no matrix"] }
        return series.map { one in
            "\(one.labels): "
                + one.samples.map {
                    "\(FormattedValue.sample($0.time.secondsSince1970))=\(FormattedValue.sample($0.value))"
                }
                .joined(separator: " ")
        }
    }

    private var rooms: MemorySeriesSource {
        var source = MemorySeriesSource()
        source.add(["__name__": "temperature", "room": "kitchen"], [20, 21, 22, 23])
        source.add(["__name__": "temperature", "room": "cellar"], [10, nil, 12, 13])
        source.add(["__name__": "humidity", "room": "kitchen"], [50, 51, 52, 53])
        return source
    }

    @Test("a query that is asked often reads once what stands in it several times")
    func repeatedParts() throws {
        let text = "max(temperature) > 20 or (max( temperature )) * 0 + sum(humidity)"
        func read(isAskedOften: Bool) throws -> Int {
            try Query(text, isAskedOften: isAskedOften).instant(at: .seconds(0), source: rooms).stats.samplesRead
        }
        #expect(try read(isAskedOften: false) == 5)
        #expect(try read(isAskedOften: true) == 3)
    }

    @Test("the newest sample up to the instant counts, the lookback's left edge does not")
    func lookback() throws {
        var source = MemorySeriesSource()
        source.add(["__name__": "x"], [1, 2])
        #expect(try vector("x", at: -0.001, source) == [:])
        #expect(try vector("x", at: 0, source) == ["x": 1])
        #expect(try vector("x", at: 59.999, source) == ["x": 1])
        #expect(try vector("x", at: 60, source) == ["x": 2])
        #expect(try vector("x", at: 359.999, source) == ["x": 2])
        #expect(try vector("x", at: 360, source) == [:])
        #expect(try vector("x", at: 69.999, source, options: QueryOptions(lookbackMilliseconds: 10_000)) == ["x": 2])
        #expect(try vector("x", at: 70, source, options: QueryOptions(lookbackMilliseconds: 10_000)) == [:])
        #expect(try vector("x", at: 60, source, options: QueryOptions(lookbackMilliseconds: .min)) == ["x": 2])
    }

    @Test("a sample exactly as old as the lookback is too old at every step of a range")
    func lookbackInRanges() throws {
        var source = MemorySeriesSource()
        source.add(["__name__": "x"], [1])
        #expect(try matrix("x", from: 0, to: 360, step: 150, source) == ["x: 0=1 150=1"])
        #expect(try matrix("x", from: -60, to: 360, step: 60, source) == ["x: 0=1 60=1 120=1 180=1 240=1"])
    }

    @Test("a staleness marker ends a series at once")
    func staleness() throws {
        var source = MemorySeriesSource()
        source.add(["__name__": "x"], [1, stale, 3])
        #expect(try vector("x", at: 59, source) == ["x": 1])
        #expect(try vector("x", at: 60, source) == [:])
        #expect(try vector("x", at: 119, source) == [:])
        #expect(try vector("x", at: 120, source) == ["x": 3])
        var ended = MemorySeriesSource()
        ended.add(["__name__": "x"], [1, stale])
        #expect(try vector("x", at: 100, ended) == [:])
        #expect(try matrix("x", from: 0, to: 120, step: 30, ended) == ["x: 0=1 30=1"])
    }

    @Test("an ordinary NaN is a value and not a marker")
    func ordinaryNaN() throws {
        var source = MemorySeriesSource()
        source.add(["__name__": "x"], [.nan])
        #expect(try vector("x", at: 0, source)["x"]?.isNaN == true)
        #expect(try vector("x == 1", at: 0, source) == [:])
        #expect(try vector("x != 1", at: 0, source)["x"]?.isNaN == true)
    }

    @Test(
        "vectors with numbers, worked out by hand at 180 s",
        arguments: [
            ("temperature", ["temperature{room=\"kitchen\"}": 23, "temperature{room=\"cellar\"}": 13]),
            ("temperature{room=\"kitchen\"}", ["temperature{room=\"kitchen\"}": 23]),
            ("temperature{room=~\"k.*\"}", ["temperature{room=\"kitchen\"}": 23]),
            ("temperature{room!=\"kitchen\"}", ["temperature{room=\"cellar\"}": 13]),
            ("temperature{room!~\"k.*|c.*\"}", [:]),
            ("temperature + 1", ["{room=\"kitchen\"}": 24, "{room=\"cellar\"}": 14]),
            ("1 - temperature", ["{room=\"kitchen\"}": -22, "{room=\"cellar\"}": -12]),
            ("-temperature", ["{room=\"kitchen\"}": -23, "{room=\"cellar\"}": -13]),
            ("--temperature", ["{room=\"kitchen\"}": 23, "{room=\"cellar\"}": 13]),
            ("temperature > 20", ["temperature{room=\"kitchen\"}": 23]),
            ("20 > temperature", ["temperature{room=\"cellar\"}": 13]),
            ("temperature > bool 20", ["{room=\"kitchen\"}": 1, "{room=\"cellar\"}": 0]),
            ("20 >= bool temperature", ["{room=\"kitchen\"}": 0, "{room=\"cellar\"}": 1]),
            ("temperature * 2 > 30", ["{room=\"kitchen\"}": 46]),
            ("(temperature > 20) * 2", ["{room=\"kitchen\"}": 46]),
            ("temperature > 20 > 21 < 24", ["temperature{room=\"kitchen\"}": 23]),
            ("temperature ^ 2", ["{room=\"kitchen\"}": 529, "{room=\"cellar\"}": 169]),
            ("temperature % 5", ["{room=\"kitchen\"}": 3, "{room=\"cellar\"}": 3]),
            ("temperature offset 1m", ["temperature{room=\"kitchen\"}": 22, "temperature{room=\"cellar\"}": 12]),
            ("temperature offset -1m", ["temperature{room=\"kitchen\"}": 23, "temperature{room=\"cellar\"}": 13]),
            ("temperature offset 60", ["temperature{room=\"kitchen\"}": 22, "temperature{room=\"cellar\"}": 12]),
            ("temperature @ 60", ["temperature{room=\"kitchen\"}": 21, "temperature{room=\"cellar\"}": 10]),
            ("temperature @ 120 offset 1m", ["temperature{room=\"kitchen\"}": 21, "temperature{room=\"cellar\"}": 10]),
            ("temperature offset 1m @ 120", ["temperature{room=\"kitchen\"}": 21, "temperature{room=\"cellar\"}": 10]),
            ("temperature @ end()", ["temperature{room=\"kitchen\"}": 23, "temperature{room=\"cellar\"}": 13]),
            ("nothing", [:]),
        ] as [(String, [String: Double])])
    func vectors(text: String, due: [String: Double]) throws {
        #expect(try vector(text, at: 180, rooms) == due)
    }

    @Test("a range's answer has the steps that have a value, sorted by labels")
    func ranges() throws {
        let source = rooms
        #expect(
            try matrix("temperature", from: 0, to: 180, step: 90, source) == [
                "temperature{room=\"cellar\"}: 0=10 90=10 180=13", "temperature{room=\"kitchen\"}: 0=20 90=21 180=23",
            ])
        #expect(
            try matrix("temperature > 21.5", from: 0, to: 180, step: 60, source) == [
                "temperature{room=\"kitchen\"}: 120=22 180=23"
            ])
        #expect(
            try matrix("temperature{room=\"cellar\"} offset 1m", from: 0, to: 180, step: 60, source)
                == ["temperature{room=\"cellar\"}: 60=10 120=10 180=12"])
        #expect(
            try matrix("temperature{room=\"kitchen\"} @ start()", from: 60, to: 180, step: 60, source)
                == ["temperature{room=\"kitchen\"}: 60=21 120=21 180=21"])
        #expect(
            try matrix("temperature{room=\"kitchen\"} @ end()", from: 60, to: 180, step: 120, source)
                == ["temperature{room=\"kitchen\"}: 60=23 180=23"])
        #expect(try matrix("1 + 1", from: 0, to: 10, step: 5, source) == ["{}: 0=2 5=2 10=2"])
        #expect(try matrix("nothing", from: 0, to: 10, step: 5, source) == [])
        // The end is not on the raster: the last step lies before it.
        #expect(try matrix("1", from: 0, to: 14, step: 5, source) == ["{}: 0=1 5=1 10=1"])
        #expect(
            try matrix("temperature{room=\"kitchen\"}", from: 400, to: 600, step: 60, source) == [
                "temperature{room=\"kitchen\"}: 400=23 460=23"
            ])
    }

    @Test("a range's every step agrees with the query at that instant, on random series")
    func rangesAgreeWithInstants() throws {
        var random = SeededGenerator(seed: 0xE7A1)
        for round in 0..<150 {
            var source = MemorySeriesSource()
            for index in 0..<3 {
                let values = (0..<Int.random(in: 0...60, using: &random)).map { _ -> Double? in
                    switch Int.random(in: 0...9, using: &random) {
                    case 0, 1, 2: nil
                    case 3: stale
                    case 4: .nan
                    default: Double(Int.random(in: -5...5, using: &random))
                    }
                }
                source.add(
                    ["__name__": "x", "i": "\(index)"], from: Double.random(in: -50...50, using: &random),
                    every: Double.random(in: 0.5...40, using: &random), values)
            }
            let text =
                [
                    "x", "x > 0", "-x", "x * 2 offset 7s", "x offset -13s", "2 - x >= 1", "x @ 30 > -3",
                ].randomElement(using: &random) ?? "x"
            let query = try Query(text.replacing("x * 2 offset 7s", with: "(x offset 7s) * 2"))
            let start = Timestamp(milliseconds: Int64.random(in: -100_000...200_000, using: &random))
            let step = Int64.random(in: 1...60_000, using: &random)
            let end = start.advanced(byMilliseconds: step * Int64.random(in: 0...30, using: &random) + step / 2)
            let options = QueryOptions(lookbackMilliseconds: Int64.random(in: 1...100_000, using: &random))
            let answer = try query.range(from: start, to: end, stepMilliseconds: step, source: source, options: options)
            guard case .matrix(let series) = answer.value else { return }
            var got: [String: UInt64] = [:]
            for one in series {
                for sample in one.samples { got["\(one.labels) \(sample.time.milliseconds)"] = sample.value.bitPattern }
            }
            var due: [String: UInt64] = [:]
            for time in stride(from: start.milliseconds, through: end.milliseconds, by: Int(step)) {
                let at = Timestamp(milliseconds: time)
                guard case .vector(let elements) = try query.instant(at: at, source: source, options: options).value
                else { return }
                for element in elements { due["\(element.labels) \(time)"] = element.sample.value.bitPattern }
            }
            #expect(got == due, "seed \(random.seed), round \(round): \(text)")
        }
    }

    @Test("series that only differed by name may not meet once names are gone")
    func duplicates() throws {
        let source = rooms
        let error = #expect(throws: PromQLError.self) { try vector("{room=\"kitchen\"} + 1", at: 60, source) }
        #expect(error?.kind == .execution)
        #expect(error?.message.contains("same labelset") ?? false)
        #expect(throws: PromQLError.self) { try matrix("{room=\"kitchen\"} * 1", from: 0, to: 60, step: 60, source) }
        // With their names, or where only one is there at a time, all is well.
        #expect(try vector("{room=\"kitchen\"} > 0", at: 60, source).count == 2)
        var apart = MemorySeriesSource()
        apart.add(["__name__": "a", "i": "1"], from: 0, [1, stale])
        apart.add(["__name__": "b", "i": "1"], from: 60, [2])
        #expect(try matrix("{i=\"1\"} + 0", from: 0, to: 60, step: 60, apart) == ["{i=\"1\"}: 0=1 60=2"])
    }

    @Test("what was read is counted")
    func stats() throws {
        let answer = try Query("temperature").range(
            from: .seconds(0), to: .seconds(120), stepMilliseconds: 60_000, source: rooms)
        #expect(answer.stats.seriesSelected == 2)
        #expect(answer.stats.samplesRead == 5)
        let last = try Query("temperature").instant(at: .seconds(200), source: rooms)
        #expect(last.stats.samplesRead == 2, "the newest sample is at hand, nothing need be read")
    }
}
