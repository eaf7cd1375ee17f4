import Readings

/// A function over windows of samples, such as `rate(x[5m])`.
struct WindowOperator: SeriesOperator {
    private let function: WindowFunction
    private var input: any RangeInput
    private let windows: Windows
    private let numbers: [[Double]]
    private let rangeSpan: Range<Int>
    private let quantileSpan: Range<Int>
    private let planner: Planner

    init(
        function: WindowFunction, input: any RangeInput, windows: Windows, numbers: [[Double]], rangeSpan: Range<Int>,
        quantileSpan: Range<Int>, planner: Planner
    ) {
        self.function = function
        self.input = input
        self.windows = windows
        self.numbers = numbers
        self.rangeSpan = rangeSpan
        self.quantileSpan = quantileSpan
        self.planner = planner
    }

    mutating func next() throws(PromQLError) -> StepSeries? {
        while let (labels, dropsName) = try input.next() {
            try planner.evaluation.checkTime()
            var values = newestValues()
            if values == nil { values = try foldedValues() }
            if values == nil { values = try slidingValues() }
            guard let values, values.contains(where: { !StalenessMarker.isMarker($0) }) else { continue }
            if function.wantsCounter { noteNonCounter(labels) }
            return StepSeries(labels: labels, dropsName: dropsName || !function.keepsName, values: values)
        }
        return nil
    }

    /// The function's value, if there is one window and its newest sample, which is the series' newest, is enough: so that
    /// "when did it speak last" costs the same however far back it looks.
    private func newestValues() -> [Double]? {
        guard let compute = function.newest, windows.edges == .plain, windows.ends.isInstant, let newest = input.newest,
            newest.time > windows.start(0), newest.time <= windows.end(0), !StalenessMarker.isMarker(newest.value)
        else { return nil }
        return planner.constant(compute(newest))
    }

    /// The function's values, if whole pieces of the windows tell them.
    private func foldedValues() throws(PromQLError) -> [Double]? {
        guard let folded = function.folded, let pieces = WindowPieces(windows),
            let found = try input.pieces(pieces, folded.detail), pieces.areExact(found)
        else { return nil }
        let values = pieces.values(of: found, folded)
        return windows.isFixed ? planner.constant(values[0]) : values
    }

    /// The function's value at each step for the series at hand.
    private func slidingValues() throws(PromQLError) -> [Double] {
        let evaluation = planner.evaluation
        guard !input.hasMomentary || windows.offset != 0 || windows.isFixed else { return try momentaryValues() }
        var values = Array(repeating: StepSeries.absent, count: planner.grid.count)
        if var extreme = SlidingExtreme(function.folded), windows.edges == .plain, !windows.isFixed {
            try input.forEachWindow(windows, evaluation) { index, samples throws(PromQLError) in
                try evaluation.countWork(1)
                values[index] = extreme.value(of: samples)
            }
            return values
        }
        try input.forEachWindow(windows, evaluation) { index, samples throws(PromQLError) in
            let steps = windows.isFixed ? 0..<planner.grid.count : index..<(index + 1)
            for step in steps {
                try evaluation.countWork(samples.count)
                guard let value = try function.compute(samples, window(index, step: step)) else { continue }
                values[step] = value
            }
        }
        return values
    }

    /// The same where each step sees a sample more than those of its window.
    private func momentaryValues() throws(PromQLError) -> [Double] {
        let evaluation = planner.evaluation
        var values = Array(repeating: StepSeries.absent, count: planner.grid.count)
        if var extreme = SlidingExtreme(function.folded), windows.edges == .plain {
            for index in values.indices {
                guard let sample = input.momentary(at: windows.end(index)) else { continue }
                values[index] = sample.value
            }
            try input.forEachWindow(windows, evaluation) { index, samples throws(PromQLError) in
                try evaluation.countWork(1)
                let (momentary, least) = (values[index], extreme.value(of: samples))
                if StalenessMarker.isMarker(momentary) || !extreme.isBetter(momentary, least) { values[index] = least }
            }
            return values
        }
        var window: [Sample] = []
        var next = 0
        func compute(_ index: Int) throws(PromQLError) {
            if let sample = input.momentary(at: windows.end(index)), !StalenessMarker.isMarker(sample.value) {
                window.append(sample)
            }
            guard !window.isEmpty else { return }
            try evaluation.countWork(window.count)
            guard let value = try function.compute(window.span, self.window(index, step: index)) else { return }
            values[index] = value
        }
        try input.forEachWindow(windows, evaluation) { index, samples throws(PromQLError) in
            window.removeAll(keepingCapacity: true)
            while next < index {
                try compute(next)
                next += 1
                window.removeAll(keepingCapacity: true)
            }
            samples.withUnsafeBufferPointer { window.append(contentsOf: $0) }
            try compute(index)
            next = index + 1
        }
        while next < values.count {
            window.removeAll(keepingCapacity: true)
            try compute(next)
            next += 1
        }
        return values
    }

    private func window(_ index: Int, step: Int) -> Window {
        var now = Numbers()
        if let first = numbers.first { now.first = first[step] }
        if numbers.count > 1 { now.second = numbers[1][step] }
        if function.takesQuantile, !(0...1).contains(now.first) {
            planner.evaluation.add(.invalidQuantile(now.first, at: quantileSpan))
        }
        return windows.window(index, stepTime: planner.grid.time(step), now)
    }

    private func noteNonCounter(_ labels: Labels) {
        let name = labels.metric
        let endings = ["_total", "_sum", "_count", "_bucket"]
        guard !name.isEmpty, !endings.contains(where: name.hasSuffix) else { return }
        planner.evaluation.add(.possibleNonCounter(name, at: rangeSpan))
    }
}
