/// Encodes value columns. Holds working memory.
final class ValueEncoder {
    let scratch: ColumnScratch
    private let distinct = DistinctValues()
    private let lineSearch = LineSearch()
    /// The column as decimals.
    private let decimals = UnsafeMutableBufferPointer<Int64>.allocate(capacity: Chunk.mostRows)
    private var exponent = 0
    private var exceptions: [Int] = []
    private var hasDecimals = false
    private var hasDistinct = false
    /// What stands before a column's whole numbers.
    private var front = ByteWriter()
    private var trial = ByteWriter(capacity: 64 << 10)

    init(scratch: ColumnScratch) {
        self.scratch = scratch
        decimals.initialize(repeating: 0)
    }

    deinit { decimals.deallocate() }

    /// Appends the column's body to `out`, nothing if all rows are equal, and its zone to `head`. `pace` says which coders may be used; `twin` is an earlier column with the same values.
    func append(
        _ values: UnsafeBufferPointer<Double>, _ effort: Effort, pace: Pace, twin: Int?, hint: inout ColumnHint?,
        head: inout ByteWriter, to out: inout ByteWriter
    ) {
        let start = out.count
        let bits = values[0].bitPattern
        var differs: UInt64 = 0
        for value in values { differs |= value.bitPattern ^ bits }
        guard differs != 0 else {
            head.appendVarint(0)
            ZoneRecord.append(constant: values[0], to: &head)
            return
        }
        findDecimals(values, from: hint?.exponent ?? 0)
        hasDistinct = false
        if let twin {
            out.append(ValueColumn.Codec.twin.rawValue)
            out.append(UInt8(twin))
        } else {
            write(values, effort, pace: pace, hint: &hint, to: &out)
        }
        head.appendVarint(UInt64(out.count - start))
        appendZone(values, to: &head)
    }

    private func write(
        _ values: UnsafeBufferPointer<Double>, _ effort: Effort, pace: Pace, hint: inout ColumnHint?,
        to out: inout ByteWriter
    ) {
        switch effort {
        case .fast: write(fastPlan(values), values, to: &out)
        case .dense: appendDense(values, pace: pace, hint: &hint, to: &out)
        }
    }

    private func appendZone(_ values: UnsafeBufferPointer<Double>, to head: inout ByteWriter) {
        guard values.count >= Chunk.leastZoneRows else { return ZoneRecord.appendNone(to: &head) }
        if hasDecimals, exceptions.isEmpty {
            ZoneRecord.append(Zone(integers(values.count), exponent: exponent), to: &head)
        } else if let zone = Zone(values) {
            ZoneRecord.append(zone, to: &head)
        } else {
            ZoneRecord.appendNone(to: &head)
        }
    }

    private func integers(_ rows: Int) -> UnsafeBufferPointer<Int64> { UnsafeBufferPointer(decimals.first(rows)) }

    // MARK: Decimals

    /// Fills `decimals`, with the smallest exponent from `exponent` on that suits most values.
    private func findDecimals(_ values: UnsafeBufferPointer<Double>, from least: Int) {
        exponent = least
        exceptions.removeAll(keepingCapacity: true)
        hasDecimals = true
        let most = values.count / 8
        var row = 0
        while true {
            let rest = UnsafeBufferPointer(rebasing: values[row...])
            row += DecimalScale.integers(
                of: rest, exponent: exponent,
                into: UnsafeMutableBufferPointer(rebasing: decimals[row..<values.count]))
            guard row < values.count else { return }
            if let larger = DecimalScale.exponent(of: values[row], from: exponent + 1) {
                // From the beginning: a large number may have become too large for it.
                exponent = larger
                exceptions.removeAll(keepingCapacity: true)
                row = 0
                continue
            }
            guard exceptions.count < most else {
                hasDecimals = false
                return
            }
            exceptions.append(row)
            decimals[row] = row > 0 ? decimals[row - 1] : 0
            row += 1
            guard row < values.count else { return }
        }
    }

    /// The largest number that divides every difference.
    private func divisor(_ integers: UnsafeBufferPointer<Int64>) -> Int64 {
        var divisor: UInt64 = 0
        for index in 1..<integers.count {
            var rest = (integers[index] &- integers[index - 1]).magnitude
            guard rest != 0 else { continue }
            while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
            if divisor == 1 { return 1 }
        }
        return Int64(clamping: max(divisor, 1))
    }

    private func appendExceptions(
        _ rows: [Int], _ values: UnsafeBufferPointer<Double>, to out: inout ByteWriter
    ) {
        guard !rows.isEmpty else { return }
        out.appendVarint(UInt64(rows.count))
        var next = 0
        for row in rows {
            out.appendVarint(UInt64(row - next))
            next = row + 1
        }
        for row in rows { out.append(values[row]) }
    }

    // MARK: Fast

    private func fastPlan(_ values: UnsafeBufferPointer<Double>) -> ValuePlan {
        guard hasDecimals else {
            return ValuePlan(mapping: xorBytes(values) < 8 * values.count ? .xor : .raw)
        }
        let numbers = integers(values.count)
        var best: (predictor: Predictor, bits: Int)?
        for predictor in [Predictor.last, .least, .slope] {
            let residuals = predictor.residuals(of: numbers, into: scratch.stream).numbers
            let bits = ValueEncoder.roughBits(residuals)
            if best.map({ bits < $0.bits }) ?? true { best = (predictor, bits) }
        }
        return ValuePlan(mapping: .decimal, predictor: best?.predictor ?? .last)
    }

    /// About what bit-packing takes, by the mean of each block: enough to compare, and far quicker than what is exact.
    private static func roughBits(_ numbers: UnsafeBufferPointer<UInt64>) -> Int {
        var bits = 0.0
        var start = 0
        while start < numbers.count {
            let end = min(start + IntegerBlocks.blockSize, numbers.count)
            var sum: UInt64 = 0
            for index in start..<end { sum &+= numbers[index] }
            let rows = Double(end - start)
            bits += rows * RANSTables.log2(Double(sum) / rows + 1)
            start = end
        }
        return Int(bits)
    }

    // MARK: Dense

    private func appendDense(
        _ values: UnsafeBufferPointer<Double>, pace: Pace, hint: inout ColumnHint?, to out: inout ByteWriter
    ) {
        let start = out.count
        let rows = Double(values.count)
        if let known = hint, known.plan.suits(pace) {
            write(known.plan, values, to: &out)
            let bytesPerRow = Double(out.count - start) / rows
            if bytesPerRow <= 1.1 * known.bytesPerRow {
                hint = ColumnHint(
                    plan: known.plan, exponent: exponent, bytesPerRow: min(bytesPerRow, known.bytesPerRow))
                return
            }
            out.truncate(to: start)
        }
        if exponent > 0, hint != nil { findDecimals(values, from: 0) }
        let plan = densePlan(values, pace: pace)
        write(plan, values, to: &out)
        hint = ColumnHint(plan: plan, exponent: exponent, bytesPerRow: Double(out.count - start) / rows)
    }

    private func densePlan(_ values: UnsafeBufferPointer<Double>, pace: Pace) -> ValuePlan {
        let whole = planOfAllRows(values, pace: pace)
        guard pace.allowsEntropyCoding, hasDecimals, let lines = lineSearch.find(values, exponent: exponent) else {
            return whole.plan
        }
        trial.removeAll()
        lines.append(lineSearch.lines, scratch: scratch, to: &trial)
        let lineBytes = 1 + trial.count
        let rest = withRest(of: values) { planOfAllRows($0, pace: pace) }
        guard pace.isWorthwhile(lineBytes + rest.bytes, insteadOf: whole.bytes, rows: values.count) else {
            return whole.plan
        }
        var plan = rest.plan
        plan.lines = lines.rounding
        return plan
    }

    /// Hands the rows that `lineSearch` left to `body`, as if they were a column.
    private func withRest<Result>(
        of values: UnsafeBufferPointer<Double>, _ body: (UnsafeBufferPointer<Double>) -> Result
    ) -> Result {
        let rest = lineSearch.rest(of: values)
        let whole = exponent
        findDecimals(rest, from: 0)
        hasDistinct = false
        defer {
            findDecimals(values, from: whole)
            hasDistinct = false
        }
        return body(rest)
    }

    private func planOfAllRows(
        _ values: UnsafeBufferPointer<Double>, pace: Pace
    ) -> (plan: ValuePlan, bytes: Int) {
        var best = BestPlans()
        let rows = values.count
        best.offer(ValuePlan(mapping: .raw), bytes: 8 * rows)
        if hasDecimals, prepare(.decimal, values) { consider(.decimal, rows, pace, &best) }
        if !hasDistinct { distinct.collect(values) }
        hasDistinct = true
        // A table of nearly as many values as there are rows saves nothing.
        let isRepetitive = distinct.values.count * 4 <= rows * 3
        let scale = hasDecimals && exceptions.count * 16 <= rows ? exponent : nil
        let lattice = LatticeSearch.find(distinct.values, exponent: scale)
        if isRepetitive {
            consider(.dictionary(lattice ?? .decimal(hasDecimals ? exponent : 0)), values, pace, &best)
        }
        if let lattice { consider(.lattice(lattice), values, pace, &best) }
        let smallest = best.choose(rows: rows, pace)?.bytes ?? 0
        if smallest > 4 * rows {
            best.offer(ValuePlan(mapping: .xor), bytes: xorBytes(values))
            trial.removeAll()
            if appendFrontBits(values, pace: pace, to: &trial) {
                best.offer(ValuePlan(mapping: .frontBits), bytes: trial.count)
            }
        }
        return best.choose(rows: rows, pace) ?? (ValuePlan(mapping: .raw), 8 * rows)
    }

    private func consider(
        _ mapping: ValuePlan.Mapping, _ values: UnsafeBufferPointer<Double>, _ pace: Pace, _ best: inout BestPlans
    ) {
        if prepare(mapping, values) { consider(mapping, values.count, pace, &best) }
    }

    /// Offers what `scratch.integers`, which `mapping` made, would take with each predictor and coder.
    private func consider(_ mapping: ValuePlan.Mapping, _ rows: Int, _ pace: Pace, _ best: inout BestPlans) {
        let numbers = UnsafeBufferPointer(scratch.integers.first(rows))
        let before = front.count + 2
        for predictor in Predictor.rowByRow {
            let residuals = predictor.residuals(of: numbers, into: scratch.stream).numbers
            let heads = before + 4
            best.offer(
                ValuePlan(mapping: mapping, predictor: predictor), bytes: heads + IntegerBlocks.size(of: residuals))
            guard pace.allowsEntropyCoding else { continue }
            guard let estimate = RANS.estimate(residuals, scratch.rans) else { continue }
            best.offer(
                ValuePlan(mapping: mapping, predictor: predictor, coder: .rans), bytes: heads + estimate.bytes)
            guard predictor.allowsLanes,
                let bytes = PrefixCode.estimate(residuals, estimate.split, scratch: scratch)
            else { continue }
            // Each lane begins anew.
            best.offer(
                ValuePlan(mapping: mapping, predictor: predictor, coder: .prefix), bytes: heads + Lanes.count + bytes)
        }
        if Predictor.runs(in: numbers) * 4 <= rows {
            trial.removeAll()
            _ = Predictor.runs.append(numbers, .packed, scratch: scratch, to: &trial)
            best.offer(ValuePlan(mapping: mapping, predictor: .runs), bytes: before + trial.count)
        }
    }

    // MARK: Writing

    /// Fills `scratch.integers` with what the values are under `mapping`, and `front` with what must stand before them.
    /// False where the mapping does not suit the values.
    private func prepare(_ mapping: ValuePlan.Mapping, _ values: UnsafeBufferPointer<Double>) -> Bool {
        front.removeAll()
        let rows = values.count
        switch mapping {
        case .raw, .xor, .frontBits: return true
        case .decimal:
            guard hasDecimals else { return false }
            let numbers = integers(rows)
            let divisor = exceptions.isEmpty ? divisor(numbers) : 1
            var form = UInt8(exponent)
            if divisor > 1 { form |= ValueColumn.hasDivisor }
            if !exceptions.isEmpty { form |= ValueColumn.hasExceptions }
            front.append(form)
            if divisor > 1 {
                front.appendVarint(UInt64(divisor))
                front.appendSignedVarint(numbers[0])
                for row in 0..<rows { scratch.integers[row] = (numbers[row] &- numbers[0]) / divisor }
            } else {
                for row in 0..<rows { scratch.integers[row] = numbers[row] }
            }
            appendExceptions(exceptions, values, to: &front)
            return true
        case .lattice(let lattice): return prepareLattice(lattice, values)
        case .dictionary(let lattice):
            if !hasDistinct { distinct.collect(values) }
            hasDistinct = true
            distinct.append(lattice, rows: rows, scratch: scratch, into: scratch.integers, to: &front)
            return true
        }
    }

    private func prepareLattice(_ lattice: Lattice, _ values: UnsafeBufferPointer<Double>) -> Bool {
        var misses: [Int] = []
        var firstStep: Int64?
        for row in values.indices {
            if row > 0, values[row].bitPattern == values[row - 1].bitPattern, misses.last != row - 1 {
                scratch.integers[row] = scratch.integers[row - 1]
            } else if let step = lattice.step(values[row]) {
                scratch.integers[row] = step
                firstStep = firstStep ?? step
            } else {
                misses.append(row)
                guard misses.count * 8 <= values.count else { return false }
                scratch.integers[row] = row > 0 ? scratch.integers[row - 1] : 0
            }
        }
        guard let firstStep else { return false }
        // The first rows have no step before them to repeat.
        for row in misses.indices where misses[row] == row { scratch.integers[row] = firstStep }
        front.append(misses.isEmpty ? UInt8(0) : ValueColumn.hasExceptions)
        lattice.append(to: &front)
        appendExceptions(misses, values, to: &front)
        return true
    }

    /// Writes the column's body: raw, where `plan` does not suit these values.
    private func write(_ plan: ValuePlan, _ values: UnsafeBufferPointer<Double>, to out: inout ByteWriter) {
        guard let rounding = plan.lines, hasDecimals else { return writeAllRows(plan, values, to: &out) }
        let lines = Lines(rounding: rounding, exponent: exponent)
        lineSearch.search(values, lines)
        out.append(ValueColumn.Codec.lines.rawValue)
        lines.append(lineSearch.lines, scratch: scratch, to: &out)
        withRest(of: values) { writeAllRows(plan, $0, to: &out) }
    }

    private func writeAllRows(_ plan: ValuePlan, _ values: UnsafeBufferPointer<Double>, to out: inout ByteWriter) {
        let codec: ValueColumn.Codec
        switch plan.mapping {
        case .decimal: codec = .decimal
        case .lattice: codec = .lattice
        case .dictionary: codec = .dictionary
        case .frontBits:
            if appendFrontBits(values, pace: .usual, to: &out) { return }
            return appendRaw(values, to: &out)
        case .xor: return appendXOR(values, to: &out)
        case .raw: return appendRaw(values, to: &out)
        }
        let start = out.count
        guard prepare(plan.mapping, values) else { return appendRaw(values, to: &out) }
        out.append(codec.rawValue)
        out.append(UInt8(0))
        out.append(front.bytes)
        let coder = plan.predictor.append(
            UnsafeBufferPointer(scratch.integers.first(values.count)), plan.coder, scratch: scratch, to: &out)
        out.set(plan.predictor.rawValue | coder.rawValue << 4, at: start + 1)
        guard out.count - start > 1 + 8 * values.count else { return }
        out.truncate(to: start)
        appendRaw(values, to: &out)
    }

}
