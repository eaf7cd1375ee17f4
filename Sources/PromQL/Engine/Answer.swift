import Readings

/// Collects what the operators yield into the answer.
extension Planner {
    /// The values at the grid's only step.
    func vector(of series: any SeriesOperator) throws(PromQLError) -> [VectorElement] {
        var out: [VectorElement] = []
        var places = LabelPlaces()
        var series = series
        while let next = try series.next() {
            guard let value = next.values.first else { continue }
            try evaluation.countPoints(1)
            let labels = finalLabels(of: next)
            guard places.find(labels) == nil else { throw SameLabels.collision }
            out.append(VectorElement(labels: labels, sample: Sample(time: grid.start, value: value)))
        }
        return out
    }

    func matrix(of series: any SeriesOperator) throws(PromQLError) -> [RangeSeries] {
        var out: [RangeSeries] = []
        var places = LabelPlaces()
        var series = series
        while let next = try series.next() {
            var samples: [Sample] = []
            samples.reserveCapacity(next.values.count)
            for (index, value) in next.values.enumerated() where !StalenessMarker.isMarker(value) {
                samples.append(Sample(time: grid.time(index), value: value))
            }
            try evaluation.countPoints(samples.count)
            let labels = finalLabels(of: next)
            if let place = places.find(labels) {
                // Series that differed by their names only become one where they never meet.
                out[place].samples = try merged(out[place].samples, samples)
            } else {
                out.append(RangeSeries(labels: labels, samples: samples))
            }
        }
        return out.sorted { $0.labels < $1.labels }
    }

    /// A range vector by itself: samples with their own times.
    func rawSamples(_ expression: Expression) throws(PromQLError) -> [RangeSeries] {
        var (input, windows) = try range(expression)
        var out: [RangeSeries] = []
        while let (labels, dropsName) = try input.next() {
            var samples = try input.samples(inOnly: windows, evaluation)
            if windows.edges != .plain, !samples.isEmpty {
                samples = ExtendedRange.shown(samples.span, windows.window(0, stepTime: grid.start))
            }
            guard !samples.isEmpty else { continue }
            try evaluation.countPoints(samples.count)
            out.append(RangeSeries(labels: dropsName ? labels.withoutName : labels, samples: samples))
        }
        guard out.count > 1 else { return out }
        if Set(out.map(\.labels)).count < out.count { throw SameLabels.collision }
        return out.sorted { $0.labels < $1.labels }
    }

    private func finalLabels(of series: StepSeries) -> Labels {
        series.dropsName ? series.labels.withoutName : series.labels
    }

    private func merged(_ a: [Sample], _ b: [Sample]) throws(PromQLError) -> [Sample] {
        let samples = (a + b).sorted { $0.time < $1.time }
        for (earlier, later) in zip(samples, samples.dropFirst()) where earlier.time == later.time {
            throw SameLabels.collision
        }
        return samples
    }
}
