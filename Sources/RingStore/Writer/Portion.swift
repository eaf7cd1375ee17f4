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
    var rows: [Row] = []
    var values: [Double] = []
    /// By value, the series.
    var series: [UInt32] = []
    var identities: [MessageIdentity] = []
    /// How many of the writer's pending records the frame holds.
    var records = 0
    /// What the instants were before this portion moved them, for the way back.
    var moved: [(series: UInt32, through: Int64)] = []
    /// The samples of this portion, made when the first late one asks for them.
    var samples: [SampleKey: Double]?
    /// Late ones among them.
    var late: UInt64 = 0

    init() {}

    /// Whether there is anything to write.
    var isEmpty: Bool { rows.isEmpty && identities.isEmpty && records == 0 }
    var payloadBytes: Int { frame.count - Frame.headerBytes }

    mutating func begin() {
        Frame.begin(&frame)
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
    mutating func rollBack(to mark: Mark, _ through: inout [Int64]) {
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

    mutating func addValue(_ value: Double, of one: UInt32) {
        values.append(value)
        series.append(one)
    }

    mutating func addRow(_ key: GroupKey, time: Int64, firstValue: Int) {
        rows.append(Row(key: key, time: time, firstValue: firstValue, columns: values.count - firstValue))
        guard samples != nil else { return }
        for index in firstValue..<values.count {
            samples?[SampleKey(series: series[index], time: time)] = values[index]
        }
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
