import Readings

/// The series and shapes of a store, in memory. A value: readers keep the one that their snapshot took.
///
/// Of a million series it takes some 70 MB. A label is known by the number of its pair of name and value; a series is a run of
/// such numbers, and the series that have a pair hang together in a chain from the newest to the oldest. What is
/// appended only lies in arenas that all copies share, what changes in arrays that copy what they change.
struct Catalogue: Sendable {
    /// A number whose record was lost to damage has no labels.
    struct Series: Sendable {
        /// In `labels`.
        fileprivate var labels: UInt32 = 0
        fileprivate var labelCount = Series.unknown
        /// A pair.
        fileprivate var unit = LabelPairs.none
        /// The newest shape of which it is a column.
        fileprivate var shape = LabelPairs.none

        fileprivate static let unknown = UInt16.max

        var isKnown: Bool { labelCount != Series.unknown }
    }

    struct Shape: Sendable {
        /// In `columns`.
        fileprivate var columns: UInt32 = 0
        /// 0 if its record was lost.
        fileprivate var columnCount: UInt16 = 0
    }

    /// A label of a series, by ascending name.
    fileprivate struct LabelOfSeries: BitwiseCopyable {
        var pair: UInt32
        /// The series before this one that has the pair.
        var previous: UInt32
    }

    /// A column of a shape, by ascending series.
    fileprivate struct ColumnOfShape: BitwiseCopyable {
        var series: UInt32
        /// The shape before this one of which the series is a column.
        var previous: UInt32
    }

    private(set) var series = PagedArray(default: Series())
    private(set) var shapes = PagedArray(default: Shape())
    private(set) var labelPairs = LabelPairs()
    private var labels = Arena<LabelOfSeries>()
    private var columns = Arena<ColumnOfShape>()
    private var seriesByLabels = NumberTable()
    private var shapesByColumns = NumberTable()

    // MARK: Memory

    /// As the memory budget counts it.
    var memoryBytes: Int {
        series.memoryBytes + shapes.memoryBytes + labelPairs.memoryBytes + labels.memoryBytes + columns.memoryBytes
            + seriesByLabels.memoryBytes + shapesByColumns.memoryBytes
    }

    /// What memory grows by at most with one more series; nil if its texts find no place.
    func growthBytes(of descriptor: SeriesDescriptor) -> Int? {
        let count = descriptor.labels.sorted.count
        guard labels.hasRoom(for: count), labelPairs.hasRoom else { return nil }
        return labelPairs.growthBytes(labels: count + 1) + seriesByLabels.growthBytes + 4096
            + Arena<LabelOfSeries>.pageBytes + CatalogueRecord.mostBytes(of: descriptor)
    }

    /// What memory grows by at most with one more shape.
    var growthBytesOfShape: Int { shapesByColumns.growthBytes + 2048 + Arena<ColumnOfShape>.pageBytes }

    // MARK: Taking up

    /// Takes up a record.
    ///
    /// - Returns: what is new about it; nil if nothing is.
    @discardableResult
    mutating func apply(_ record: CatalogueRecord) -> CatalogueChange? {
        switch record {
        case .series(let number, let descriptor):
            extend(series: Int(number) + 1, shapes: 0)
            guard !series[Int(number)].isKnown, growthBytes(of: descriptor) != nil else { return nil }
            add(number, descriptor)
            return .series(number)
        case .unit(let number, let unit):
            guard Int(number) < series.count, series[Int(number)].isKnown, labelPairs.hasRoom else { return nil }
            let pair = unit.map { labelPairs.intern(LabelPairs.unit, $0) } ?? LabelPairs.none
            guard series[Int(number)].unit != pair else { return nil }
            series[Int(number)].unit = pair
            return .unit(number)
        case .shape(let number, let columns):
            // A shape is registered after its series: those that are not known yet are lost.
            extend(series: columns.last.map { Int($0) + 1 } ?? 0, shapes: Int(number) + 1)
            guard shapes[Int(number)].columnCount == 0, self.columns.hasRoom(for: columns.count) else { return nil }
            add(number, columns)
            return .shape(number)
        }
    }

    private mutating func add(_ number: UInt32, _ descriptor: SeriesDescriptor) {
        let run = descriptor.labels.sorted.map { label in
            let pair = labelPairs.intern(label)
            return LabelOfSeries(pair: pair, previous: labelPairs.add(number, to: pair))
        }
        var entry = series[Int(number)]
        entry.labels = run.withUnsafeBufferPointer { labels.append($0) }
        entry.labelCount = UInt16(run.count)
        if let unit = descriptor.unit { entry.unit = labelPairs.intern(LabelPairs.unit, unit) }
        series[Int(number)] = entry
        // Two series with the same labels cannot be registered, but damage may have made a file say so: the first counts.
        let pairs = run.map(\.pair)
        guard find(pairs) == nil else { return }
        let hash = Catalogue.hash(pairs)
        seriesByLabels.insert(number, hash: hash) { [self] in Catalogue.hash(self.pairs(of: $0)) }
    }

    private mutating func add(_ number: UInt32, _ columns: [UInt32]) {
        let run = columns.map { one in
            defer { series[Int(one)].shape = number }
            return ColumnOfShape(series: one, previous: series[Int(one)].shape)
        }
        shapes[Int(number)] = Shape(
            columns: run.withUnsafeBufferPointer { self.columns.append($0) }, columnCount: UInt16(run.count))
        guard columns.withUnsafeBufferPointer({ shape(of: $0) }) == nil else { return }
        let hash = Catalogue.hash(columns)
        shapesByColumns.insert(number, hash: hash) { [self] in Catalogue.hash(self.columns(of: .shape($0)) ?? []) }
    }

    /// Makes sure that at least so many numbers are taken, known or lost: none is ever given twice.
    mutating func extend(series seriesCount: Int, shapes shapeCount: Int) {
        series.extend(to: seriesCount)
        shapes.extend(to: shapeCount)
    }

    // MARK: Series

    func isKnown(_ number: UInt32) -> Bool { Int(number) < series.count && series[Int(number)].isKnown }

    func descriptor(_ number: UInt32) -> SeriesDescriptor? {
        labels(of: number).map { SeriesDescriptor(labels: $0, unit: unit(number)) }
    }

    /// Nil if they were lost, or there is no such series.
    func labels(of number: UInt32) -> Labels? {
        guard isKnown(number) else { return nil }
        return Labels(ascending: withLabels(of: number) { run in run.map { labelPairs.label($0.pair) } })
    }

    /// Nil if it is not known.
    func unit(_ number: UInt32) -> String? {
        guard isKnown(number) else { return nil }
        return unitPair(of: number).map { labelPairs.value(of: $0) }
    }

    /// The unit, as a pair; nil if it is not known.
    func unitPair(of number: UInt32) -> UInt32? {
        let unit = series[Int(number)].unit
        return unit == LabelPairs.none ? nil : unit
    }

    /// The labels of a series, by ascending name.
    func pairs(of number: UInt32) -> [UInt32] { withLabels(of: number) { $0.map(\.pair) } }

    /// Whether the labels of a series hold `pair` of all that have this name; nil if none has.
    @inline(__always)
    func pair(of number: UInt32, name: UInt32) -> UInt32? {
        withLabels(of: number) { run in
            for label in run where labelPairs.pairs[Int(label.pair)].name == name { return label.pair }
            return nil
        }
    }

    @inline(__always)
    private func withLabels<R>(of number: UInt32, _ body: (UnsafeBufferPointer<LabelOfSeries>) -> R) -> R {
        let entry = series[Int(number)]
        return labels.withRun(entry.labels, entry.isKnown ? Int(entry.labelCount) : 0, body)
    }

    /// Hands every series with `pair` to `body`.
    func forEachSeries(with pair: UInt32, _ body: (UInt32) -> Void) {
        var next = labelPairs.pairs[Int(pair)].newestSeries
        while next != LabelPairs.none {
            body(next)
            next = withLabels(of: next) { run in
                for label in run where label.pair == pair { return label.previous }
                return LabelPairs.none
            }
        }
    }

    /// The series with exactly these labels.
    func find(_ labels: Labels) -> UInt32? {
        var pairs: [UInt32] = []
        pairs.reserveCapacity(labels.sorted.count)
        for label in labels.sorted {
            guard let name = labelPairs.find(name: label.name), let pair = labelPairs.find(name, label.value) else {
                return nil
            }
            pairs.append(pair)
        }
        return find(pairs)
    }

    func seriesCount(having label: Label) -> Int {
        guard let name = labelPairs.find(name: label.name), let pair = labelPairs.find(name, label.value) else {
            return 0
        }
        return Int(labelPairs.pairs[Int(pair)].seriesCount)
    }

    private func find(_ pairs: [UInt32]) -> UInt32? {
        seriesByLabels.find(Catalogue.hash(pairs)) { number in
            guard isKnown(number), Int(series[Int(number)].labelCount) == pairs.count else { return false }
            return withLabels(of: number) { run in
                for index in pairs.indices where run[index].pair != pairs[index] { return false }
                return true
            }
        }
    }

    private static func hash(_ numbers: some Sequence<UInt32>) -> Int {
        var hasher = Hasher()
        for number in numbers { hasher.combine(number) }
        return hasher.finalize()
    }

    // MARK: Groups

    /// The series of the rows of `key`; nil if there are no such rows.
    func columns(of key: GroupKey) -> [UInt32]? {
        switch key.kind {
        case .shape, .lateRows:
            guard Int(key.number) < shapes.count, shapes[Int(key.number)].columnCount > 0 else { return nil }
            return withColumns(of: key.number) { $0.map(\.series) }
        case .single, .late: return isKnown(key.number) ? [key.number] : nil
        }
    }

    /// How many series the rows of `key` have; nil if there are no such rows.
    func columnCount(of key: GroupKey) -> Int? {
        switch key.kind {
        case .shape, .lateRows:
            guard Int(key.number) < shapes.count, shapes[Int(key.number)].columnCount > 0 else { return nil }
            return Int(shapes[Int(key.number)].columnCount)
        case .single, .late: return isKnown(key.number) ? 1 : nil
        }
    }

    @inline(__always)
    private func withColumns<R>(of shape: UInt32, _ body: (UnsafeBufferPointer<ColumnOfShape>) -> R) -> R {
        let entry = shapes[Int(shape)]
        return columns.withRun(entry.columns, Int(entry.columnCount), body)
    }

    /// Every group in which samples of `number` may be, with its column.
    func groups(of number: UInt32) -> [(key: GroupKey, column: Int)] {
        guard isKnown(number) else { return [] }
        var groups: [(key: GroupKey, column: Int)] = [(.single(number), 0), (.late(number), 0)]
        forEachShape(of: number) { groups.append((.shape($0), $1)) }
        return groups
    }

    /// Hands every shape of which the series is a column to `body`, with the column.
    func forEachShape(of number: UInt32, _ body: (_ shape: UInt32, _ column: Int) -> Void) {
        var next = Int(number) < series.count ? series[Int(number)].shape : LabelPairs.none
        while next != LabelPairs.none {
            let shape = next
            next = withColumns(of: shape) { run in
                guard let column = run.firstIndex(where: { $0.series == number }) else { return LabelPairs.none }
                body(shape, column)
                return run[column].previous
            }
        }
    }

    func shapeCount(of number: UInt32) -> Int {
        var count = 0
        forEachShape(of: number) { _, _ in count += 1 }
        return count
    }

    /// Whether the rows of `shape` are of exactly these series.
    @inline(__always)
    func isShape(_ shape: UInt32, _ row: UnsafeBufferPointer<UInt32>) -> Bool {
        guard Int(shape) < shapes.count else { return false }
        return withColumns(of: shape) { run in
            guard run.count == row.count else { return false }
            for index in row.indices where run[index].series != row[index] { return false }
            return true
        }
    }

    /// The shape whose rows are of exactly these series, which ascend.
    func shape(of row: UnsafeBufferPointer<UInt32>) -> UInt32? {
        shapesByColumns.find(Catalogue.hash(row)) { isShape($0, row) }
    }
}
