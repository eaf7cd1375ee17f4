import Readings

/// Folds the readings of one cumulative counter, in the order of time, into consumption by period.
///
/// A state machine in constant memory, the periods of the answer aside: a *level* up to which all is counted; perhaps a
/// *newest* reading above it, which counts when the next one does not contradict it; or a *suspicion* about readings that
/// do not go on from the level.
public struct CounterFold: Sendable {
    private var ledger: PeriodLedger
    private var plausible: PlausibleRise
    private var cadence = Cadence()
    private let end: Timestamp
    /// The time of the first good reading.
    private var began: Timestamp?
    private var level: Sample?
    private var newest: Sample?
    private var suspicion: Suspicion?
    /// Of the step that the readings being added are taken from; 0 if they are readings themselves.
    private var step: Int64 = 0

    /// - Parameters:
    ///   - edges: where the periods begin, ascending, and where the last one ends.
    ///   - unit: of the readings, in canonical spelling.
    public init(edges: [Timestamp], unit: String?) {
        ledger = PeriodLedger(edges: edges)
        plausible = PlausibleRise(unit: unit)
        end = edges.last ?? Timestamp(milliseconds: .min)
    }

    /// Whether later readings cannot change the answer.
    public var isDone: Bool { suspicion == nil && (level.map { $0.time >= end } ?? false) }

    /// Takes the next reading. One that is no number, or not later than the one before, is left out.
    public mutating func add(_ sample: Sample) {
        guard sample.value.isFinite, sample.time > latest else { return }
        guard let level else {
            self.level = sample
            began = sample.time
            ledger.record(sample, step: step)
            return
        }
        if let suspicion { judge(sample, suspicion, level) } else { compare(sample, level) }
    }

    /// Takes what the readings of a bucket of so many milliseconds came to, in place of the readings.
    ///
    /// Their times are taken for even. What the bucket's least and greatest value show beside its first and last is told
    /// in the order that explains it: up, down and on where it ends below its start; down and back, up and back otherwise.
    public mutating func add(_ bucket: Aggregate, width: Int64) {
        guard width > 0, bucket.count > 0 else { return }
        step = width
        defer { step = 0 }
        let first = bucket.first.isFinite ? bucket.first : bucket.min
        let last = bucket.last.isFinite ? bucket.last : bucket.max
        var values = [first]
        if last < first {
            if bucket.max > first { values.append(bucket.max) }
            if bucket.min < last { values.append(bucket.min) }
        } else {
            if bucket.min < first { values.append(bucket.min) }
            if bucket.max > last { values.append(bucket.max) }
        }
        if bucket.count > 1 { values.append(last) }
        let inset = width / Int64(max(bucket.count, values.count)) / 2
        let spacing = values.count > 1 ? (width - 1 - 2 * inset) / Int64(values.count - 1) : 0
        for (index, value) in values.enumerated() {
            let time = bucket.start.advanced(byMilliseconds: inset + Int64(index) * spacing)
            add(Sample(time: time, value: value))
        }
    }

    /// The periods, when there are no more readings.
    public mutating func finish() -> [PeriodConsumption] {
        settle()
        if let suspicion, let level {
            let kind: CounterEvent.Kind =
                switch suspicion.kind {
                case .low: isReset(suspicion.first, level) ? .reset : .replacement
                case .little: .dip
                case .high: .spike
                }
            ledger.note(
                CounterEvent(kind: kind, before: level, after: suspicion.first, counted: 0, isSettled: false))
        }
        if let began, let level, began < level.time { ledger.know(began...level.time) }
        return ledger.periods
    }

    private var latest: Timestamp {
        suspicion?.newest.time ?? newest?.time ?? level?.time ?? Timestamp(milliseconds: .min)
    }

    // MARK: - Without a suspicion

    private mutating func compare(_ sample: Sample, _ level: Sample) {
        let top = newest ?? level
        if isPlausible(top, sample) {
            settle()
            newest = sample
        } else if sample.value < top.value, let wrong = newest, !isLittle(top.value - sample.value, of: top.value),
            isPlausible(level, sample)
        {
            // Only the newest reading was higher: it was wrong.
            note(.spike, level, wrong)
            newest = sample
        } else {
            settle()
            suspect(sample, top)
        }
    }

    private mutating func suspect(_ sample: Sample, _ level: Sample) {
        let fall = level.value - sample.value
        suspicion = Suspicion(fall < 0 ? .high : isLittle(fall, of: level.value) ? .little : .low, sample)
    }

    // MARK: - With a suspicion

    private mutating func judge(_ sample: Sample, _ suspicion: Suspicion, _ level: Sample) {
        if isPlausible(level, sample) {
            note(suspicion.kind == .high ? .spike : .dip, level, suspicion.first)
            self.suspicion = nil
            newest = sample
        } else if goesOn(sample, suspicion, level) {
            var longer = suspicion
            longer.extend(sample)
            if longer.isConfirmed {
                self.suspicion = nil
                believe(longer, level)
            } else {
                self.suspicion = longer
            }
        } else {
            // Neither the old level nor the new one: what it says begins here.
            suspect(sample, level)
        }
    }

    private func goesOn(_ sample: Sample, _ suspicion: Suspicion, _ level: Sample) -> Bool {
        let newest = suspicion.newest
        let rise = sample.value - newest.value
        guard rise.isFinite else { return false }
        if rise < 0 { return isLittle(-rise, of: newest.value) }
        let pause = sample.time.milliseconds(since: newest.time)
        if rise <= plausible.most(in: pause) { return true }
        // A counter faster than any before goes on as it began.
        guard suspicion.kind == .high else { return false }
        let jump = suspicion.first
        let rate = (jump.value - level.value) / Double(jump.time.milliseconds(since: level.time))
        return rise <= 2 * rate * Double(pause)
    }

    /// The counter has been set to another level.
    private mutating func believe(_ suspicion: Suspicion, _ level: Sample) {
        let first = suspicion.first
        if suspicion.kind == .high, isUsual(suspicion, level) {
            plausible.accept(first.value - level.value, in: first.time.milliseconds(since: level.time))
            count(level, first)
        } else if suspicion.kind == .low, isReset(first, level) {
            note(.reset, level, first, counted: first.value)
            ledger.add(first.value, from: level.time, to: first.time)
        } else {
            note(.replacement, level, first)
        }
        ledger.record(first, step: step)
        self.level = first
        // Among them may be the next jump: there are fewer of them each time.
        for sample in suspicion.run.dropFirst() { add(sample) }
    }

    /// Whether what it counts after the jump explains the jump: twice it went on as fast, give or take.
    private func isUsual(_ suspicion: Suspicion, _ level: Sample) -> Bool {
        func rate(_ from: Sample, _ to: Sample) -> Double {
            (to.value - from.value) / Double(to.time.milliseconds(since: from.time))
        }
        let jump = rate(level, suspicion.first)
        return zip(suspicion.run, suspicion.run.dropFirst()).count { jump <= 10 * rate($0, $1) } >= 2
    }

    /// Whether what it shows after a fall can have been consumed since.
    private func isReset(_ sample: Sample, _ level: Sample) -> Bool {
        let most = plausible.most(in: sample.time.milliseconds(since: level.time))
        return sample.value >= 0 && sample.value <= min(level.value / 2, most)
    }

    // MARK: - Counting

    /// Counts up to the newest reading.
    private mutating func settle() {
        guard let level, let sample = newest else { return }
        count(level, sample)
        self.level = sample
        newest = nil
    }

    private mutating func count(_ from: Sample, _ to: Sample) {
        let (amount, pause) = (to.value - from.value, to.time.milliseconds(since: from.time))
        // A counter that stands still needs no assumption.
        if amount > 0, cadence.isGap(pause) { note(.gap, from, to, counted: amount) }
        ledger.add(amount, from: from.time, to: to.time)
        ledger.record(to, step: step)
        // Within a step no one knows when it rose.
        plausible.learn(amount, in: max(pause, step))
        cadence.learn(pause)
    }

    private mutating func note(
        _ kind: CounterEvent.Kind, _ before: Sample, _ after: Sample, counted: Double = 0
    ) {
        ledger.note(CounterEvent(kind: kind, before: before, after: after, counted: counted))
    }

    private func isPlausible(_ from: Sample, _ to: Sample) -> Bool {
        let rise = to.value - from.value
        return rise >= 0 && rise.isFinite && rise <= plausible.most(in: to.time.milliseconds(since: from.time))
    }

    private func isLittle(_ fall: Double, of value: Double) -> Bool { fall <= abs(value) * Suspicion.little }
}
