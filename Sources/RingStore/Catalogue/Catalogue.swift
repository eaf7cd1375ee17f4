import Readings

/// The series and shapes of a store, in memory. A value: readers keep the one that their snapshot took.
struct Catalogue: Sendable {
    struct Series: Sendable {
        var descriptor: SeriesDescriptor
        /// The shapes of which it is a column, and which column of each.
        var shapes: [(shape: UInt32, column: Int)] = []
    }

    /// A number whose record was lost to damage has nil.
    private(set) var series = PagedArray<Series?>()
    private(set) var shapes = PagedArray<[UInt32]?>()
    /// As the memory budget counts them.
    private(set) var memoryBytes = 0

    /// What a series takes beside its texts: entries here, its tail, its place in the tables, and in the writer's maps.
    private static let bytesOfSeries = 400
    private static let bytesOfShape = 200

    static func memory(of descriptor: SeriesDescriptor) -> Int {
        // Texts of up to 15 bytes stand within the label; longer ones are allocated.
        descriptor.labels.sorted.reduce(bytesOfSeries) { $0 + 64 + $1.name.utf8.count + $1.value.utf8.count }
    }

    static func memory(ofShapeWith columns: Int) -> Int { bytesOfShape + 24 * columns }

    func descriptor(_ number: UInt32) -> SeriesDescriptor? {
        Int(number) < series.count ? series[Int(number)]?.descriptor : nil
    }

    /// Takes up a record.
    ///
    /// - Returns: false if it says nothing new.
    @discardableResult
    mutating func apply(_ record: CatalogueRecord) -> Bool {
        switch record {
        case .series(let number, let descriptor):
            extend(series: Int(number) + 1, shapes: 0)
            guard series[Int(number)] == nil else { return false }
            series[Int(number)] = Series(descriptor: descriptor)
            memoryBytes += Catalogue.memory(of: descriptor)
        case .unit(let number, let unit):
            guard Int(number) < series.count, let known = series[Int(number)], known.descriptor.unit != unit else {
                return false
            }
            series[Int(number)]?.descriptor.unit = unit
        case .shape(let number, let columns):
            extend(series: 0, shapes: Int(number) + 1)
            guard shapes[Int(number)] == nil else { return false }
            shapes[Int(number)] = columns
            memoryBytes += Catalogue.memory(ofShapeWith: columns.count)
            for (column, one) in columns.enumerated() where Int(one) < series.count {
                series[Int(one)]?.shapes.append((number, column))
            }
        }
        return true
    }

    /// Makes sure that at least so many numbers are taken, known or lost: none is ever given twice.
    mutating func extend(series seriesCount: Int, shapes shapeCount: Int) {
        while series.count < seriesCount { series.append(nil) }
        while shapes.count < shapeCount { shapes.append(nil) }
    }

    /// The series of the rows of `key`; nil if there are no such rows.
    func columns(of key: GroupKey) -> [UInt32]? {
        switch key.kind {
        case .shape: Int(key.number) < shapes.count ? shapes[Int(key.number)] : nil
        case .single, .late: Int(key.number) < series.count && series[Int(key.number)] != nil ? [key.number] : nil
        case nil: nil
        }
    }

    /// Every group in which samples of `number` may be, with its column.
    func groups(of number: UInt32) -> [(key: GroupKey, column: Int)] {
        guard Int(number) < series.count, let entry = series[Int(number)] else { return [] }
        return [(.single(number), 0), (.late(number), 0)] + entry.shapes.map { (.shape($0.shape), $0.column) }
    }
}
