import Readings

/// The Numenta Anomaly Benchmark: files of servers, traffic, tweets and machines with labelled windows.
struct NABRows {
    let options: AlertsBenchmark.Options
    let printer: ResultPrinter

    private static let day: Int64 = 86_400_000

    func measure() throws {
        guard let checkout = options.nab else {
            printer.print(BenchmarkRow("nab", nil, "", note: "left out: no --nab with a checkout of numenta/NAB"))
            return
        }
        let corpus = try NABCorpus(checkout: checkout)
        let ours = try Measured(ScoreQuery(), corpus, printer)
        let plain = try Measured(GaussianWindow(), corpus, printer)
        print(
            "each reading above the threshold counts", ours.each, plain.each,
            note: "in NAB's own table: windowed Gaussian 39.6, KNN-CAD 58.0, HTM 70.1")
        print(
            "alerts that go on for a day", ours.alerts, plain.alerts,
            note: "only a score above all of the day before is a detection")
        checkScorer(corpus, checkout)
        printer.print(
            BenchmarkRow(
                "time a reading", ours.microseconds, "µs",
                beside: BenchmarkRow.Companion(name: "windowed Gaussian", value: plain.microseconds)))
    }

    /// Whether the scorer gives what NAB's own gave for the same scores.
    private func checkScorer(_ corpus: NABCorpus, _ checkout: String) {
        for (detector, due) in [("windowedGaussian", 39.6495), ("knncad", 57.9943), ("numenta", 70.1011)] {
            guard let scores = corpus.published(detector, in: checkout) else { continue }
            var score = NABScore()
            for (file, scores) in zip(corpus.files, scores) { score.add(scores: scores, windows: file.windows) }
            printer.print(
                BenchmarkRow(
                    "scorer on published scores of \(detector)", score.best().score, "",
                    beside: BenchmarkRow.Companion(name: "NAB's own scorer", value: due)))
        }
    }

    private func print(
        _ what: String, _ ours: (score: Double, threshold: Double), _ plain: (score: Double, threshold: Double),
        note: String
    ) {
        printer.print(
            BenchmarkRow(
                what, ours.score, "", beside: BenchmarkRow.Companion(name: "windowed Gaussian", value: plain.score),
                note: "at the threshold \((ours.threshold * 100).rounded() / 100); " + note))
    }

    /// What a detector reaches on the corpus.
    private struct Measured {
        var each: (score: Double, threshold: Double)
        var alerts: (score: Double, threshold: Double)
        var microseconds: Double

        init(_ detector: some Detector, _ corpus: NABCorpus, _ printer: ResultPrinter) throws {
            var (each, alerts) = (NABScore(), NABScore())
            var (nanoseconds, readings) = (UInt64(0), 0)
            for file in corpus.files {
                printer.printProgress("\(detector.name): \(file.name)")
                let ascending = file.samples.ascending
                let start = threadNanoseconds()
                let found = try detector.scores(ascending.samples)
                nanoseconds += threadNanoseconds() - start
                readings += found.count
                // A row out of order, or of an instant that was there already, is worth what the row before it is.
                let scores = found.at(ascending.places)
                each.add(scores: scores, windows: file.windows)
                alerts.add(
                    scores: found.news(at: ascending.samples.map(\.time), within: NABRows.day).at(ascending.places),
                    windows: file.windows)
            }
            self.each = each.best()
            self.alerts = alerts.best()
            microseconds = Double(nanoseconds) / Double(max(1, readings)) / 1e3
        }
    }
}

extension [Sample] {
    /// The samples that are later than all before them, and for each of all samples the place of the last such.
    fileprivate var ascending: (samples: [Sample], places: [Int]) {
        var kept: [Sample] = []
        var places: [Int] = []
        for sample in self {
            if kept.last.map({ $0.time < sample.time }) ?? true { kept.append(sample) }
            places.append(kept.count - 1)
        }
        return (kept, places)
    }
}

extension [Double] {
    fileprivate func at(_ places: [Int]) -> [Double] { places.map { self[$0] } }
}
