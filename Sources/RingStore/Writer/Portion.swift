/// The part of a batch that becomes one frame: the frame's bytes, and what is to be done to the head when they are
/// durable.
struct Portion: ~Copyable {
    struct Row {
        var key: GroupKey
        var time: Int64
        /// Of `values`; as many as the group has columns.
        var firstValue: Int
        var columns: Int
    }

    struct SampleKey: Hashable {
        var series: UInt32
        var time: Int64
    }

    var frame = ByteWriter(capacity: 64 << 10)
    private var encoder = ReadingsEncoder()
    /// By series: samples after this instant are in order. Ahead of what is durable by the rows of this portion.
    var through: [Int64] = []
    private(set) var rows: [Row] = []
    private(set) var values: [Double] = []
    /// By value, the series.
    private(set) var series: [UInt32] = []
    private(set) var identities: [MessageIdentity] = []
    /// How many of the writer's pending records the frame holds.
    private(set) var records = 0
    /// What the instants were before this portion moved them, for the way back.
    private var moved: [(series: UInt32, through: Int64)] = []
    /// The samples of this portion, made when the first late one asks for them.
    private var samples: [SampleKey: Double]?
    /// Late ones among them.
    private(set) var late: UInt64 = 0

    init() {}

    /// Whether there is anything to write.
    var isEmpty: Bool { rows.isEmpty && identities.isEmpty && records == 0 }
    var payloadBytes: Int { frame.count - Frame.headerBytes }

    mutating func begin() {
        Frame.begin(&frame)
        encoder.begin()
        rows.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        series.removeAll(keepingCapacity: true)
        identities.removeAll(keepingCapacity: true)
        moved.removeAll(keepingCapacity: true)
        records = 0
        samples = nil
        late = 0
    }

    /// A place to come back to.
    struct Mark {
        var frame: Int
        var rows: Int
        var values: Int
        var identities: Int
        var records: Int
        var moved: Int
        var late: UInt64
    }

    var mark: Mark {
        Mark(
            frame: frame.count, rows: rows.count, values: values.count, identities: identities.count, records: records,
            moved: moved.count, late: late)
    }

    /// Forgets what came after `mark`, and puts the instants back.
    mutating func rollBack(to mark: Mark) {
        for entry in moved[mark.moved...].reversed() { through[Int(entry.series)] = entry.through }
        frame.truncate(to: mark.frame)
        rows.removeSubrange(mark.rows...)
        values.removeSubrange(mark.values...)
        series.removeSubrange(mark.values...)
        identities.removeSubrange(mark.identities...)
        moved.removeSubrange(mark.moved...)
        records = mark.records
        late = mark.late
        samples = nil
    }

    /// Forgets everything, and puts the instants back.
    mutating func rollBack() {
        rollBack(
            to: Mark(frame: Frame.headerBytes, rows: 0, values: 0, identities: 0, records: 0, moved: 0, late: 0))
    }

    mutating func add(_ record: CatalogueRecord) {
        encoder.append(record, to: &frame)
        records += 1
    }

    mutating func add(_ identity: MessageIdentity) {
        encoder.append(identity, to: &frame)
        identities.append(identity)
    }

    /// Whether the samples are of ascending series, few enough for a row, and all later than what their series have.
    @inline(__always)
    func isInOrder(_ series: UnsafeBufferPointer<UInt32>, time: Int64) -> Bool {
        through.withUnsafeBufferPointer { through in
            var before = -1
            for one in series {
                guard Int(one) > before, Int(one) < through.count, time > through[Int(one)] else { return false }
                before = Int(one)
            }
            return series.count <= Chunk.mostColumns
        }
    }

    /// Adds a row that is in order.
    mutating func addRow(
        _ key: GroupKey, time: Int64, _ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>
    ) {
        encoder.beginRow(key, time: time, to: &frame)
        for index in series.indices {
            let one = series[index]
            encoder.append(values[index], series: one, to: &frame)
            moved.append((one, through[Int(one)]))
            through[Int(one)] = time
        }
        note(key, time, series, values)
    }

    /// Adds a sample that is not in order.
    mutating func addLate(_ series: UInt32, time: Int64, _ value: Double) {
        encoder.beginRow(.late(series), time: time, to: &frame)
        encoder.append(value, series: series, to: &frame)
        late += 1
        withUnsafePointer(to: series) { series in
            withUnsafePointer(to: value) { value in
                note(
                    .late(series.pointee), time, UnsafeBufferPointer(start: series, count: 1),
                    UnsafeBufferPointer(start: value, count: 1))
            }
        }
    }

    private mutating func note(
        _ key: GroupKey, _ time: Int64, _ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>
    ) {
        rows.append(Row(key: key, time: time, firstValue: self.values.count, columns: values.count))
        self.series.append(contentsOf: series)
        self.values.append(contentsOf: values)
        guard samples != nil else { return }
        for index in series.indices { samples?[SampleKey(series: series[index], time: time)] = values[index] }
    }

    /// The value of a sample of this portion; nil if it has none at this instant.
    mutating func value(of one: UInt32, at time: Int64) -> Double? {
        if samples == nil {
            var all: [SampleKey: Double] = [:]
            for row in rows {
                for index in row.firstValue..<(row.firstValue + row.columns) {
                    all[SampleKey(series: series[index], time: row.time)] = values[index]
                }
            }
            samples = all
        }
        return samples?[SampleKey(series: one, time: time)]
    }
}
