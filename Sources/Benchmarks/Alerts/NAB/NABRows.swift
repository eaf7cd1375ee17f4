import Readings

/// The Numenta Anomaly Benchmark: files of servers, traffic, tweets and machines with labelled windows.
struct NABRows {
    let options: AlertsBenchmark.Options
    let printer: ResultPrinter

    func measure() throws {
        guard let checkout = options.nab else {
            printer.print(BenchmarkRow("nab", nil, "", note: "left out: no --nab with a checkout of numenta/NAB"))
            return
        }
        let corpus = try NABCorpus(checkout: checkout)
        let ours = try Measured(ScoreQuery("anomaly_onset"), corpus, printer)
        let plain = try Measured(GaussianWindow(), corpus, printer)
        for part in Part.allCases { print(part, ours, plain) }
        checkScorer(corpus, checkout)
        printer.print(
            BenchmarkRow(
                "time a reading", ours.microseconds, "µs",
                beside: BenchmarkRow.Companion(name: plain.name, value: plain.microseconds)))
    }

    private func print(_ part: Part, _ ours: Measured, _ plain: Measured) {
        let note =
            switch part {
            case .tuning: "at its best threshold, \(rounded(ours.threshold(for: part)))"
            case .heldOut: "at the tuning half's best threshold"
            case .whole:
                "at its best threshold, \(rounded(ours.threshold(for: part))); in NAB's own table: windowed Gaussian 39.6, "
                    + "KNN-CAD 58.0, HTM 70.1"
            }
        printer.print(
            BenchmarkRow(
                "\(ours.name), \(part.words)", ours.score(part), "",
                beside: BenchmarkRow.Companion(name: plain.name, value: plain.score(part)), note: note))
    }

    private func rounded(_ threshold: Double) -> Double { (threshold * 100).rounded() / 100 }

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

    /// What a detector reaches on the corpus.
    private struct Measured {
        let name: String
        private var scores: [Part: NABScore] = [:]
        private(set) var microseconds = 0.0

        init(_ detector: some Detector, _ corpus: NABCorpus, _ printer: ResultPrinter) throws {
            name = detector.name
            var (nanoseconds, readings) = (UInt64(0), 0)
            for file in corpus.files {
                printer.printProgress("\(detector.name): \(file.name)")
                let ascending = file.samples.ascending
                let start = threadNanoseconds()
                let found = try detector.scores(ascending.samples)
                nanoseconds += threadNanoseconds() - start
                readings += found.count
                // A row out of order, or of an instant that was there already, is worth what the row before it is.
                let scores = ascending.places.map { found[$0] }
                for part in Part.allCases where part.contains(isHeldOut: file.isHeldOut) {
                    self.scores[part, default: NABScore()].add(scores: scores, windows: file.windows)
                }
            }
            microseconds = Double(nanoseconds) / Double(max(1, readings)) / 1e3
        }

        func threshold(for part: Part) -> Double {
            (scores[part == .heldOut ? .tuning : part] ?? NABScore()).best().threshold
        }

        func score(_ part: Part) -> Double { (scores[part] ?? NABScore()).score(at: threshold(for: part)) }
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
