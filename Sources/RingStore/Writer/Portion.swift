/// The part of a batch that becomes one frame: its rows, group by group, and what is to be done to the head when the frame
/// is durable.
struct Portion: ~Copyable {
    struct Row: BitwiseCopyable {
        var time: Int64
        var key: GroupKey
        /// Of `values`; as many as the group has columns.
        var firstValue: Int32
        var columns: Int32
        /// The group's next row; −1 at its end.
        var next: Int32 = -1
    }

    /// The rows of one group, in the order of their arrival, as a chain.
    struct Group: BitwiseCopyable {
        var key: GroupKey
        var columns: Int32
        var firstRow: Int32
        var lastRow: Int32
        var rows: Int32 = 1
        var newestTime: Int64
    }

    struct SampleKey: Hashable {
        var series: UInt32
        var time: Int64
    }

    var frame = ByteWriter(capacity: 64 << 10)
    private var encoder = ReadingsEncoder()
    private var times = GrowingBuffer<Int64>()
    private var column = GrowingBuffer<Double>()
    /// By series: samples after this instant are in order. Ahead of what is durable by the rows of this portion.
    var through = GrowingBuffer<Int64>()
    private(set) var rows = GrowingBuffer<Row>()
    private(set) var groups = GrowingBuffer<Group>()
    private var groupsByKey = KeyTable()
    private(set) var values = GrowingBuffer<Double>()
    /// By value, the series.
    private(set) var series = GrowingBuffer<UInt32>()
    /// By value, what the series' instant was before, for the way back.
    private var throughBefore = GrowingBuffer<Int64>()
    private(set) var identities: [MessageIdentity] = []
    /// Which samples came behind newer ones, where somebody wants to know.
    private(set) var notes: [LateSample] = []
    private var noteBytes = 0
    /// Where the frame ends without its notes, after `finish()`.
    private var endWithoutNotes = 0
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
    var isEmpty: Bool { rows.count == 0 && identities.isEmpty && records == 0 }
    /// What the frame's payload will probably take; what it takes, after `finish()`.
    var expectedBytes: Int {
        frame.count - Frame.headerBytes + 8 * identities.count + 16 + noteBytes
            + Int(Double(mostRowBytes) * expectedPart)
    }
    var payloadBytes: Int { frame.count - Frame.headerBytes }

    // MARK: Memory

    var memoryBytes: Int {
        frame.capacity + ReadingsEncoder.scratchBytes + groupsByKey.memoryBytes + rows.memoryBytes + groups.memoryBytes
            + values.memoryBytes + throughBefore.memoryBytes + series.memoryBytes + times.memoryBytes
            + column.memoryBytes
    }
    var memoryBytesOfSeries: Int { through.memoryBytes + encoder.memoryBytesOfSeries }
    /// What memory grows by with one more series.
    var growthBytesOfSeries: Int { through.growthBytes + 32 }

    // MARK: Beginning and going back

    mutating func begin() {
        Frame.begin(&frame)
        encoder.begin()
        rows.removeAll()
        groups.removeAll()
        groupsByKey.removeAll()
        values.removeAll()
        series.removeAll()
        throughBefore.removeAll()
        identities.removeAll(keepingCapacity: true)
        if !notes.isEmpty { notes = [] }
        noteBytes = 0
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
        var notes: Int
        fileprivate var noteBytes: Int
        var records: Int
        var late: UInt64

        static let start = Mark(
            frame: Frame.headerBytes, rows: 0, values: 0, identities: 0, notes: 0, noteBytes: 0, records: 0, late: 0)
    }

    var mark: Mark {
        Mark(
            frame: frame.count, rows: rows.count, values: values.count, identities: identities.count,
            notes: notes.count, noteBytes: noteBytes, records: records, late: late)
    }

    /// Forgets what came after `mark`, and puts the instants back.
    mutating func rollBack(to mark: Mark) {
        for index in (mark.values..<values.count).reversed() { through[Int(series[index])] = throughBefore[index] }
        frame.truncate(to: mark.frame)
        encoder.begin()
        rows.truncate(to: mark.rows)
        values.truncate(to: mark.values)
        series.truncate(to: mark.values)
        throughBefore.truncate(to: mark.values)
        identities.removeSubrange(mark.identities...)
        notes.removeSubrange(mark.notes...)
        noteBytes = mark.noteBytes
        records = mark.records
        late = mark.late
        samples = nil
        groups.removeAll()
        groupsByKey.removeAll()
        mostRowBytes = 0
        for row in 0..<rows.count {
            rows[row].next = -1
            link(row)
        }
    }

    // MARK: Adding

    mutating func add(_ change: CatalogueChange, of catalogue: Catalogue) {
        encoder.append(change, of: catalogue, to: &frame)
        records += 1
    }

    /// Whether the samples are of ascending series, few enough for a row, and all later than what their series have.
    @inline(__always)
    func isInOrder(_ series: UnsafeBufferPointer<UInt32>, time: Int64) -> Bool {
        let through = self.through.elements
        var before = -1
        for one in series {
            guard Int(one) > before, Int(one) < through.count, time > through[Int(one)] else { return false }
            before = Int(one)
        }
        return series.count <= Chunk.mostColumns
    }

    /// Adds a row that is in order.
    @inline(__always)
    mutating func addRow(
        _ key: GroupKey, time: Int64, _ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>
    ) {
        for one in series {
            throughBefore.append(through[Int(one)])
            through[Int(one)] = time
        }
        note(key, time, series, values)
    }

    /// Whether the samples are of ascending series, few enough for a row, and all earlier than what their series have.
    func isLate(_ series: UnsafeBufferPointer<UInt32>, time: Int64) -> Bool {
        let through = self.through.elements
        var before = -1
        for one in series {
            guard Int(one) > before, Int(one) < through.count, time < through[Int(one)] else { return false }
            before = Int(one)
        }
        return series.count <= Chunk.mostColumns
    }

    /// Adds a sample that is not in order.
    mutating func addLate(_ series: UInt32, time: Int64, _ value: Double) {
        withUnsafePointer(to: series) { one in
            withUnsafePointer(to: value) { value in
                addLate(
                    .late(series), time: time, UnsafeBufferPointer(start: one, count: 1),
                    UnsafeBufferPointer(start: value, count: 1))
            }
        }
    }

    /// Adds a row that is not in order.
    mutating func addLate(
        _ key: GroupKey, time: Int64, _ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>
    ) {
        late += UInt64(series.count)
        for one in series { throughBefore.append(through[Int(one)]) }
        note(key, time, series, values)
    }

    /// Adds that a sample came late.
    mutating func addNote(_ sample: LateSample) {
        notes.append(sample)
        noteBytes += LateSampleCoder.usualBytes + (sample.before == nil ? 0 : 8)
    }

    @inline(__always)
    private mutating func note(
        _ key: GroupKey, _ time: Int64, _ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>
    ) {
        rows.append(Row(time: time, key: key, firstValue: Int32(self.values.count), columns: Int32(values.count)))
        self.series.append(series)
        self.values.append(values)
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
        if let number = groupsByKey.find(key.raw) {
            var group = groups[number]
            rows[Int(group.lastRow)].next = Int32(row)
            group.lastRow = Int32(row)
            group.rows += 1
            group.newestTime = max(group.newestTime, rows[row].time)
            groups[number] = group
            return
        }
        groupsByKey.insert(key.raw, groups.count)
        groups.append(
            Group(
                key: key, columns: Int32(columns), firstRow: Int32(row), lastRow: Int32(row), newestTime: rows[row].time
            ))
        mostRowBytes += ReadingsPayload.mostBytesOfGroup + columns * ReadingsPayload.mostBytesOfColumn
    }

    /// More rows of a group are not gone through one by one.
    private static let mostRowsToWalk = 64

    /// Whether a group has a row of this portion at `time`. Says yes, too, where looking would take long.
    func mayHaveRow(_ key: GroupKey, at time: Int64) -> Bool {
        guard let number = groupsByKey.find(key.raw), time <= groups[number].newestTime else { return false }
        guard groups[number].rows <= Portion.mostRowsToWalk else { return true }
        var row = Int(groups[number].firstRow)
        while row >= 0 {
            if rows[row].time == time { return true }
            row = Int(rows[row].next)
        }
        return false
    }

    /// The value of a sample of this portion; nil if it has none at this instant. Of several the one that came last.
    ///
    /// `through` is the instant up to which the series is durable: rows of this portion that are in order come later.
    mutating func value(
        of one: UInt32, at time: Int64, through: Int64, in catalogue: borrowing Catalogue
    ) -> Double? {
        var value: Double?
        var isLong = false
        func look(_ key: GroupKey, _ column: Int) {
            guard value == nil, let number = groupsByKey.find(key.raw) else { return }
            isLong = isLong || groups[number].rows > Portion.mostRowsToWalk
            var row = isLong ? -1 : Int(groups[number].firstRow)
            while row >= 0 {
                if rows[row].time == time { value = values[Int(rows[row].firstValue) + column] }
                row = Int(rows[row].next)
            }
        }
        look(.late(one), 0)
        if time > through { look(.single(one), 0) }
        catalogue.forEachShape(of: one) { shape, column in
            if time > through { look(.shape(shape), column) }
            look(.lateRows(shape), column)
        }
        return isLong ? valueByHash(of: one, at: time) : value
    }

    private mutating func valueByHash(of one: UInt32, at time: Int64) -> Double? {
        if samples == nil {
            var all: [SampleKey: Double] = [:]
            for row in rows.elements {
                for index in Int(row.firstValue)..<Int(row.firstValue + row.columns) {
                    all[SampleKey(series: series[index], time: row.time)] = values[index]
                }
            }
            samples = all
        }
        return samples?[SampleKey(series: one, time: time)]
    }

    /// What the instant of `one` was at `mark`.
    func through(of one: UInt32, before mark: Mark) -> Int64 {
        var index = mark.values
        while index < series.count {
            // The first one tells; mostly it is near, or there is none, since a message is short.
            if series[index] == one { return throughBefore[index] }
            index += 1
        }
        return through[Int(one)]
    }

    /// Whether the rows before `mark` have a sample of `one` in `range`.
    func hasSample(of one: UInt32, in range: ClosedRange<Int64>, before mark: Mark) -> Bool {
        for row in rows.elements.prefix(mark.rows) where range.contains(row.time) {
            for index in Int(row.firstValue)..<Int(row.firstValue + row.columns) where series[index] == one {
                return true
            }
        }
        return false
    }

    // MARK: Messages

    /// Why `addPlainRows` came back.
    enum Stop {
        /// All messages are in.
        case end
        /// The message does not fit any more; nothing of it is in.
        case full
        /// This row needs a closer look. Some of its samples are late, unknown, or not in order, or its shape is new.
        case odd
    }

    /// Where in a batch.
    struct Cursor {
        var message: Int
        /// Nil before the message was begun.
        var row: Int?
        /// Before the message.
        fileprivate(set) var mark = Mark.start
        fileprivate var counts = (0, 0, 0, 0)

        init(message: Int) { self.message = message }
    }

    /// Adds messages from `cursor` on, up to `end`, as long as their rows are in order and of known groups: what nearly all
    /// are. In one loop over plain memory, as it runs for every reading.
    mutating func addPlainRows(
        of batch: borrowing Batch, at cursor: inout Cursor, from first: Int, to end: Int, mostBytes: Int,
        shapes: inout ShapeTable, catalogue: borrowing Catalogue, _ outcome: inout AppendOutcome
    ) -> Stop {
        let series = batch.series.span
        let values = batch.values.span
        return series.withUnsafeBufferPointer { series in
            values.withUnsafeBufferPointer { values in
                while cursor.message < end {
                    var row = cursor.row ?? -1
                    if row < 0 {
                        cursor.mark = mark
                        cursor.counts = outcome.counts
                        row = batch.messages[cursor.message].firstRow
                    }
                    let rowEnd = batch.rows(of: cursor.message).upperBound
                    while row < rowEnd {
                        let samples = batch.samples(of: row)
                        let one = UnsafeBufferPointer(rebasing: series[samples])
                        let time = batch.rows[row].time
                        if !one.isEmpty {
                            guard isInOrder(one, time: time), let key = shapes.key(of: one, in: catalogue) else {
                                cursor.row = row
                                return .odd
                            }
                            addRow(key, time: time, one, UnsafeBufferPointer(rebasing: values[samples]))
                            outcome.stored += one.count
                        }
                        row += 1
                    }
                    if let identity = batch.messages[cursor.message].identity { identities.append(identity) }
                    cursor.row = nil
                    if expectedBytes > mostBytes, cursor.message > first {
                        rollBack(to: cursor.mark)
                        outcome.counts = cursor.counts
                        return .full
                    }
                    cursor.message += 1
                }
                return .end
            }
        }
    }

    // MARK: Encoding

    /// Encodes rows, identities and notes.
    mutating func finish() {
        let before = frame.count
        if rows.count > 0 {
            encoder.beginRows(groups: runCount, time: rows[0].time, to: &frame)
            for group in 0..<groups.count { encode(groups[group]) }
            let part = Double(frame.count - before) / Double(mostRowBytes)
            // Rises at once and falls slowly: too much in a frame costs encoding it again.
            expectedPart = max(part * 1.1, expectedPart * 0.95, 0.1)
        }
        encoder.append(identities, to: &frame)
        endWithoutNotes = frame.count
        encoder.append(late: notes, to: &frame)
        encoder.end(&frame)
    }

    /// Takes the notes out of the frame again; it goes without them.
    mutating func leaveOutNotes() {
        frame.truncate(to: endWithoutNotes)
        encoder.end(&frame)
    }

    /// How many runs of at most `mostRows` rows the groups make.
    private var runCount: Int {
        guard rows.count > ReadingsPayload.mostRows else { return groups.count }
        var runs = 0
        for group in groups.elements {
            var count = 0
            var row = Int(group.firstRow)
            while row >= 0 {
                count += 1
                row = Int(rows[row].next)
            }
            runs += (count + ReadingsPayload.mostRows - 1) / ReadingsPayload.mostRows
        }
        return runs
    }

    private mutating func encode(_ group: Group) {
        var row = Int(group.firstRow)
        while row >= 0 {
            let first = row
            times.removeAll()
            while row >= 0, times.count < ReadingsPayload.mostRows {
                times.append(rows[row].time)
                row = Int(rows[row].next)
            }
            encoder.beginGroup(group.key, times: times.elements, to: &frame)
            for index in 0..<Int(group.columns) {
                column.removeAll()
                var one = first
                for _ in 0..<times.count {
                    column.append(values[Int(rows[one].firstValue) + index])
                    one = Int(rows[one].next)
                }
                let series = series[Int(rows[first].firstValue) + index]
                encoder.appendColumn(column.elements, series: series, to: &frame)
            }
        }
    }
}
