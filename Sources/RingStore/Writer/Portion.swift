/// The part of a batch that becomes one frame: its rows, group by group, and what is to be done to the head when the frame
/// is durable.
struct Portion: ~Copyable {
    struct Row {
        var time: Int64
        var key: GroupKey
        /// Of `values`; as many as the group has columns.
        var firstValue: Int32
        var columns: Int32
        /// The group's next row; −1 at its end.
        var next: Int32 = -1
    }

    /// The rows of one group, in the order of their arrival, as a chain.
    struct Group {
        var key: GroupKey
        var columns: Int32
        var firstRow: Int32
        var lastRow: Int32
    }

    struct SampleKey: Hashable {
        var series: UInt32
        var time: Int64
    }

    var frame = ByteWriter(capacity: 64 << 10)
    private var encoder = ReadingsEncoder()
    private var times: [Int64] = []
    private var column: [Double] = []
    /// By series: samples after this instant are in order. Ahead of what is durable by the rows of this portion.
    var through: [Int64] = []
    private(set) var rows: [Row] = []
    private(set) var groups: [Group] = []
    private var groupsByKey = KeyTable()
    private(set) var values: [Double] = []
    /// By value, the series.
    private(set) var series: [UInt32] = []
    /// By value, what the series' instant was before, for the way back.
    private var throughBefore: [Int64] = []
    private(set) var identities: [MessageIdentity] = []
    /// How many of the writer's pending records the frame holds.
    private(set) var records = 0
    /// The samples of this portion, made when the first late one asks for them.
    private var samples: [SampleKey: Double]?
    /// Late ones among them.
    private(set) var late: UInt64 = 0
    /// What the rows take at most.
    private var mostRowBytes = 0
    /// Which part of that rows took in the last frames.
    private var expectedPart = 0.5

    init() {}

    /// Whether there is anything to write.
    var isEmpty: Bool { rows.isEmpty && identities.isEmpty && records == 0 }
    /// What the frame's payload will probably take; what it takes, after `finish()`.
    var expectedBytes: Int {
        frame.count - Frame.headerBytes + 8 * identities.count + 16 + Int(Double(mostRowBytes) * expectedPart)
    }
    var payloadBytes: Int { frame.count - Frame.headerBytes }

    // MARK: Memory

    var memoryBytes: Int {
        frame.capacity + ReadingsEncoder.scratchBytes + groupsByKey.memoryBytes
            + rows.capacity * MemoryLayout<Row>.stride + groups.capacity * MemoryLayout<Group>.stride
            + (values.capacity + throughBefore.capacity) * 8 + series.capacity * 4
    }
    var memoryBytesOfSeries: Int { through.capacity * 8 + encoder.memoryBytesOfSeries }
    /// What memory grows by with one more series.
    var growthBytesOfSeries: Int { (through.count < through.capacity ? 16 : 8 * through.capacity + 64) + 32 }

    // MARK: Beginning and going back

    mutating func begin() {
        Frame.begin(&frame)
        encoder.begin()
        rows.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        groupsByKey.removeAll()
        values.removeAll(keepingCapacity: true)
        series.removeAll(keepingCapacity: true)
        throughBefore.removeAll(keepingCapacity: true)
        identities.removeAll(keepingCapacity: true)
        records = 0
        samples = nil
        late = 0
        mostRowBytes = 0
    }

    /// A place to come back to.
    struct Mark {
        var frame: Int
        var rows: Int
        var values: Int
        var identities: Int
        var records: Int
        var late: UInt64

        static let start = Mark(frame: Frame.headerBytes, rows: 0, values: 0, identities: 0, records: 0, late: 0)
    }

    var mark: Mark {
        Mark(
            frame: frame.count, rows: rows.count, values: values.count, identities: identities.count, records: records,
            late: late)
    }

    /// Forgets what came after `mark`, and puts the instants back.
    mutating func rollBack(to mark: Mark) {
        for index in (mark.values..<values.count).reversed() { through[Int(series[index])] = throughBefore[index] }
        frame.truncate(to: mark.frame)
        encoder.begin()
        rows.removeSubrange(mark.rows...)
        values.removeSubrange(mark.values...)
        series.removeSubrange(mark.values...)
        throughBefore.removeSubrange(mark.values...)
        identities.removeSubrange(mark.identities...)
        records = mark.records
        late = mark.late
        samples = nil
        groups.removeAll(keepingCapacity: true)
        groupsByKey.removeAll()
        mostRowBytes = 0
        for row in rows.indices {
            rows[row].next = -1
            link(row)
        }
    }

    // MARK: Adding

    mutating func add(_ change: CatalogueChange, of catalogue: Catalogue) {
        encoder.append(change, of: catalogue, to: &frame)
        records += 1
    }

    mutating func add(_ identity: MessageIdentity) {
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
        through.withUnsafeMutableBufferPointer { through in
            for one in series {
                throughBefore.append(through[Int(one)])
                through[Int(one)] = time
            }
        }
        note(key, time, series, values)
    }

    /// Adds a sample that is not in order.
    mutating func addLate(_ series: UInt32, time: Int64, _ value: Double) {
        late += 1
        throughBefore.append(through[Int(series)])
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
        rows.append(Row(time: time, key: key, firstValue: Int32(self.values.count), columns: Int32(values.count)))
        self.series.append(contentsOf: series)
        self.values.append(contentsOf: values)
        link(rows.count - 1)
        guard samples != nil else { return }
        for index in series.indices { samples?[SampleKey(series: series[index], time: time)] = values[index] }
    }

    /// Hangs a row behind its group's last one.
    @inline(__always)
    private mutating func link(_ row: Int) {
        let key = rows[row].key
        let columns = Int(rows[row].columns)
        mostRowBytes += 8 * (columns + 1)
        if let group = groupsByKey.find(key.raw) {
            rows[Int(groups[group].lastRow)].next = Int32(row)
            groups[group].lastRow = Int32(row)
            return
        }
        groupsByKey.insert(key.raw, groups.count)
        groups.append(Group(key: key, columns: Int32(columns), firstRow: Int32(row), lastRow: Int32(row)))
        mostRowBytes += ReadingsPayload.mostBytesOfGroup + columns * ReadingsPayload.mostBytesOfColumn
    }

    /// The value of a sample of this portion; nil if it has none at this instant.
    mutating func value(of one: UInt32, at time: Int64) -> Double? {
        if samples == nil {
            var all: [SampleKey: Double] = [:]
            for row in rows {
                for index in Int(row.firstValue)..<Int(row.firstValue + row.columns) {
                    all[SampleKey(series: series[index], time: row.time)] = values[index]
                }
            }
            samples = all
        }
        return samples?[SampleKey(series: one, time: time)]
    }

    // MARK: Encoding

    /// Encodes rows and identities.
    mutating func finish() {
        let before = frame.count
        if let first = rows.first {
            var runs = 0
            for group in groups { forEachRun(of: group) { _, _ in runs += 1 } }
            encoder.beginRows(groups: runs, time: first.time, to: &frame)
            for group in groups { encode(group) }
            let part = Double(frame.count - before) / Double(mostRowBytes)
            // Rises at once and falls slowly: too much in a frame costs encoding it again.
            expectedPart = max(part * 1.1, expectedPart * 0.95, 0.1)
        }
        encoder.append(identities, to: &frame)
        encoder.end(&frame)
    }

    /// Hands the group's rows to `body`, in pieces of at most `mostRows`: the first row, and how many.
    private func forEachRun(of group: Group, _ body: (_ first: Int, _ count: Int) -> Void) {
        var first = Int(group.firstRow)
        var row = first
        var count = 0
        while true {
            count += 1
            let next = Int(rows[row].next)
            if next < 0 || count == ReadingsPayload.mostRows {
                body(first, count)
                if next < 0 { return }
                first = next
                count = 0
            }
            row = next
        }
    }

    private mutating func encode(_ group: Group) {
        var row = Int(group.firstRow)
        while row >= 0 {
            let first = row
            times.removeAll(keepingCapacity: true)
            while row >= 0, times.count < ReadingsPayload.mostRows {
                times.append(rows[row].time)
                row = Int(rows[row].next)
            }
            times.withUnsafeBufferPointer { encoder.beginGroup(group.key, times: $0, to: &frame) }
            for index in 0..<Int(group.columns) {
                column.removeAll(keepingCapacity: true)
                var one = first
                for _ in 0..<times.count {
                    column.append(values[Int(rows[one].firstValue) + index])
                    one = Int(rows[one].next)
                }
                let series = series[Int(rows[first].firstValue) + index]
                column.withUnsafeBufferPointer { encoder.appendColumn($0, series: series, to: &frame) }
            }
        }
    }
}

/// Numbers by group, for one frame: open addressing, emptied in one go.
private struct KeyTable {
    /// Key and number + 1; 0 if empty.
    private var slots: [(key: UInt32, number: UInt32)] = Array(repeating: (0, 0), count: 256)
    private var count = 0

    var memoryBytes: Int { slots.count * 8 }

    @inline(__always)
    private static func hash(_ key: UInt32) -> Int {
        // Fibonacci hashing (Knuth, volume 3, 6.4): neighbouring keys fall far apart.
        Int((UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    mutating func removeAll() {
        guard count > 0 else { return }
        count = 0
        for index in slots.indices { slots[index].number = 0 }
    }

    @inline(__always)
    func find(_ key: UInt32) -> Int? {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var index = KeyTable.hash(key) & mask
            while slots[index].number != 0 {
                if slots[index].key == key { return Int(slots[index].number) - 1 }
                index = (index + 1) & mask
            }
            return nil
        }
    }

    mutating func insert(_ key: UInt32, _ number: Int) {
        count += 1
        if count * 2 > slots.count {
            let old = slots
            slots = Array(repeating: (0, 0), count: old.count * 2)
            for slot in old where slot.number != 0 { put(slot) }
        }
        put((key, UInt32(number + 1)))
    }

    private mutating func put(_ slot: (key: UInt32, number: UInt32)) {
        let mask = slots.count - 1
        var index = KeyTable.hash(slot.key) & mask
        while slots[index].number != 0 { index = (index + 1) & mask }
        slots[index] = slot
    }
}
