import Readings

/// A chunk that waits in memory for its segment.
struct HeadChunk: Sendable {
    var bytes: [UInt8]
    var key: GroupKey
    var rows: Int
    var columns: Int
    var firstTime: Int64
    var lastTime: Int64

    /// What an array, and its entry in a list, take beside the bytes.
    static let overhead = 96
}

/// The rows of a group that are not in a segment yet.
struct HeadGroup: Sendable {
    /// In ascending order of time, all before the open rows.
    var chunks: [HeadChunk] = []
    var block: OpenBlock?
    var rows = 0

    var isEmpty: Bool { chunks.isEmpty && (block == nil || rows == 0) }
    /// Of rows that came in order.
    var firstTime: Int64? { chunks.first?.firstTime ?? block?.firstTime() }
}

/// What the log holds, in memory. A value: readers keep the one that their snapshot took.
struct Head: Sendable {
    private(set) var shapes = PagedArray(default: HeadGroup())
    private(set) var singles = PagedArray(default: HeadGroup())
    private(set) var late = LateTable()
    /// By shape.
    private(set) var lateRows = PagedArray(default: HeadGroup())

    /// Bytes of the blocks of open rows and late samples.
    private(set) var openBytes = 0
    /// Numbers (times and values) among them.
    private(set) var openNumbers = 0
    /// Groups that have an open block, of late samples too.
    private(set) var openGroups = 0
    /// Bytes of chunks, for the segment.
    private(set) var chunkBytes = 0
    private(set) var chunkCount = 0
    /// Those of late samples and rows among them.
    private(set) var lateChunkCount = 0
    private(set) var samples = 0
    private(set) var firstTime = Int64.max
    private(set) var lastTime = Int64.min
    private(set) var firstInOrder = Int64.max
    /// Encoded bytes a number, as the last chunks came out.
    private var bytesPerNumber = 2.0

    init() {}

    /// An empty head that expects what `other` has seen.
    init(after other: Head) {
        bytesPerNumber = other.bytesPerNumber
    }

    var isEmpty: Bool { samples == 0 }
    /// What the head will probably take on disk.
    var expectedBytes: Int { chunkBytes + Int(Double(openNumbers) * bytesPerNumber) }
    /// What the head takes on disk at most, should nothing of the open rows become smaller by encoding.
    var mostEncodedBytes: Int { chunkBytes + 9 * openNumbers + 256 * openGroups }
    var memoryBytes: Int {
        openBytes + chunkBytes + chunkCount * HeadChunk.overhead + shapes.memoryBytes + singles.memoryBytes
            + late.memoryBytes + lateRows.memoryBytes
    }

    func group(_ key: GroupKey) -> HeadGroup? {
        switch key.kind {
        case .shape: Int(key.number) < shapes.count ? shapes[Int(key.number)] : nil
        case .single: Int(key.number) < singles.count ? singles[Int(key.number)] : nil
        case .late: late.group(key.number)
        case .lateRows: Int(key.number) < lateRows.count ? lateRows[Int(key.number)] : nil
        }
    }

    func hasRows(_ key: GroupKey) -> Bool { !(group(key)?.isEmpty ?? true) }

    /// The last instant of a group whose rows came in order; nil if it has none.
    func lastTime(of key: GroupKey) -> Int64? {
        guard let group = group(key) else { return nil }
        guard let block = group.block, group.rows > 0 else { return group.chunks.last?.lastTime }
        return withExtendedLifetime(block) { block.time(ofRow: group.rows - 1) }
    }

    /// Whether a group has an open row at `time`.
    func hasOpenRow(_ key: GroupKey, at time: Int64) -> Bool {
        guard let group = group(key), let block = group.block, group.rows > 0 else { return false }
        return withExtendedLifetime(block) {
            let times = block.times(group.rows)
            if key.isLate { return times.contains(time) }
            guard let last = times.last, time <= last else { return false }
            return times[times.firstIndex(notBefore: time)] == time
        }
    }

    /// Changes a group in place.
    @inline(__always)
    private mutating func withGroup<R>(_ key: GroupKey, _ body: (inout HeadGroup) -> R) -> R {
        let number = Int(key.number)
        switch key.kind {
        case .shape:
            shapes.extend(to: number + 1)
            return body(&shapes[number])
        case .late:
            return late.update(key.number, body)
        case .lateRows:
            lateRows.extend(to: number + 1)
            return body(&lateRows[number])
        case .single:
            singles.extend(to: number + 1)
            return body(&singles[number])
        }
    }

    private mutating func note(_ first: Int64, _ last: Int64, inOrder: Bool) {
        firstTime = min(firstTime, first)
        lastTime = max(lastTime, last)
        if inOrder { firstInOrder = min(firstInOrder, first) }
    }

    /// Adds a row that is later than all of its group, or a late sample. Returns how many open rows the group has.
    mutating func append(
        _ key: GroupKey, columns: Int, time: Int64, values: UnsafePointer<Double>
    ) -> Int {
        var isDone = false
        return append(key, columns: columns, upTo: .max) {
            defer { isDone = true }
            return isDone ? nil : (time, values)
        }
    }

    /// Adds the rows that `nextRow` gives out, each later than all of its group, or late samples, until it has no more or the
    /// group has `mostRows` open rows. Returns how many it has.
    @inline(__always)
    mutating func append(
        _ key: GroupKey, columns: Int, upTo mostRows: Int,
        _ nextRow: () -> (time: Int64, values: UnsafePointer<Double>)?
    ) -> Int {
        var grown = 0
        var added = 0
        var first = Int64.max
        var last = Int64.min
        let (rows, isNew) = withGroup(key) { group in
            let isNew = group.block == nil
            if isNew { group.rows = 0 }
            var block = group.block ?? OpenBlock(columns: columns)
            if isNew { grown = block.memoryBytes }
            var capacity = block.capacity
            while group.rows < mostRows, let row = nextRow() {
                if group.rows == capacity {
                    let larger = block.doubled(rows: group.rows)
                    grown += larger.memoryBytes - block.memoryBytes
                    block = larger
                    capacity = block.capacity
                }
                block.set(row: group.rows, time: row.time, values: row.values)
                group.rows += 1
                added += 1
                first = min(first, row.time)
                last = max(last, row.time)
            }
            group.block = block
            return (group.rows, isNew)
        }
        openBytes += grown
        openGroups += isNew ? 1 : 0
        openNumbers += added * (columns + 1)
        samples += added * columns
        note(first, last, inOrder: !key.isLate)
        return rows
    }

    /// Takes in a chunk as it is.
    mutating func append(_ chunk: HeadChunk) {
        withGroup(chunk.key) { $0.chunks.append(chunk) }
        samples += chunk.rows * chunk.columns
        chunkBytes += chunk.bytes.count
        chunkCount += 1
        lateChunkCount += chunk.key.isLate ? 1 : 0
        note(chunk.firstTime, chunk.lastTime, inOrder: !chunk.key.isLate)
    }

    /// Takes over the rows of a group, or the late samples of a series, as another head holds them.
    mutating func takeOver(_ key: GroupKey, from other: Head) {
        guard let held = other.group(key) else { return }
        for chunk in held.chunks { append(chunk) }
        if let block = held.block { adopt(key, block, held.rows) }
    }

    /// Makes the first `rows` rows of `block` the open ones of a group that has none.
    mutating func adopt(_ key: GroupKey, _ block: OpenBlock, _ rows: Int) {
        // What is late lies as it came.
        guard let first = block.times(rows).min(), let last = block.times(rows).max() else { return }
        withGroup(key) { group in
            group.block = block
            group.rows = rows
        }
        openGroups += 1
        openBytes += block.memoryBytes
        openNumbers += rows * (block.columns + 1)
        samples += rows * block.columns
        note(first, last, inOrder: !key.isLate)
    }

    /// The groups of rows that came in order and are held, by number.
    func groupKeys() -> [GroupKey] {
        var keys: [GroupKey] = []
        shapes.forEachElement { number, group in if !group.isEmpty { keys.append(.shape(UInt32(number))) } }
        singles.forEachElement { number, group in if !group.isEmpty { keys.append(.single(UInt32(number))) } }
        return keys
    }

    /// Of rows that came in order; `Int64.max` if there are none.
    func firstTime(of key: GroupKey) -> Int64 { group(key)?.firstTime ?? .max }

    /// Encodes the open rows of `key`, if there are any.
    mutating func close(_ key: GroupKey, encoder: ChunkEncoder, buffer: inout ByteWriter) {
        buffer.removeAll()
        let open = group(key)?.rows ?? 0
        guard let closed = encodeOpen(key, flags: [], encoder: encoder, to: &buffer) else { return }
        let chunk = HeadChunk(
            bytes: [UInt8](buffer.bytes), key: key, rows: closed.rows, columns: closed.columns,
            firstTime: closed.first, lastTime: closed.last)
        let freed = withGroup(key) { group in
            defer {
                group.block = nil
                group.rows = 0
            }
            group.chunks.append(chunk)
            return group.block?.memoryBytes ?? 0
        }
        openBytes -= freed
        openGroups -= 1
        let numbers = closed.rows * (closed.columns + 1)
        openNumbers -= open * (closed.columns + 1)
        // Of late samples at the same instant one is left.
        samples -= (open - closed.rows) * closed.columns
        chunkBytes += chunk.bytes.count
        bytesPerNumber += 0.1 * (Double(chunk.bytes.count) / Double(numbers) - bytesPerNumber)
        chunkCount += 1
        lateChunkCount += key.isLate ? 1 : 0
    }

    /// Closes the larger ones of the open groups, which hold at least half of all open rows.
    mutating func closeLarger(encoder: ChunkEncoder, buffer: inout ByteWriter) {
        let open = openKeys()
        guard !open.isEmpty else { return }
        let average = open.reduce(0) { $0 + $1.bytes } / open.count
        for (key, bytes) in open where bytes * 2 >= average { close(key, encoder: encoder, buffer: &buffer) }
    }

    /// Appends the open rows of `key` as a chunk to `out`; nil if there are none.
    func encodeOpen(
        _ key: GroupKey, flags: Chunk.Flags, encoder: ChunkEncoder, to out: inout ByteWriter
    ) -> (rows: Int, columns: Int, first: Int64, last: Int64)? {
        if key.kind == .late {
            let samples = late[key.number]?.samples ?? []
            guard let first = samples.first, let last = samples.last else { return nil }
            let times = samples.map(\.time.milliseconds)
            let values = samples.map(\.value)
            times.withUnsafeBufferPointer { times in
                values.withUnsafeBufferPointer { values in
                    encoder.append(key: key, flags: flags, times: times, columns: 1, column: { _ in values }, to: &out)
                }
            }
            return (samples.count, 1, first.time.milliseconds, last.time.milliseconds)
        }
        guard let group = group(key), let open = group.block, group.rows > 0 else { return nil }
        let block = key.isLate ? open.sorted(rows: group.rows) : open
        encoder.append(
            key: key, flags: flags, times: block.times(group.rows), columns: block.columns,
            column: { block.values($0, group.rows) }, to: &out)
        return (group.rows, block.columns, block.firstTime(), block.time(ofRow: group.rows - 1))
    }

    /// The groups with open rows or samples, with the memory of each.
    func openKeys() -> [(key: GroupKey, bytes: Int)] {
        var keys: [(key: GroupKey, bytes: Int)] = []
        keys.reserveCapacity(openGroups)
        forEachGroup { key, group in
            if let block = group.block { keys.append((key, block.memoryBytes)) }
        }
        return keys
    }

    /// The chunks, group by group, each group's in its order.
    func forEachChunk<E: Error>(_ body: (HeadChunk) throws(E) -> Void) throws(E) {
        try forEachGroup { _, group throws(E) in
            for chunk in group.chunks { try body(chunk) }
        }
    }

    /// The groups that have ever had rows: shapes, single series, late samples, late rows, each by number.
    func forEachGroup<E: Error>(_ body: (GroupKey, HeadGroup) throws(E) -> Void) throws(E) {
        try shapes.forEachElement { number, group throws(E) in try body(.shape(UInt32(number)), group) }
        try singles.forEachElement { number, group throws(E) in try body(.single(UInt32(number)), group) }
        try late.forEachGroup { number, group throws(E) in try body(.late(UInt32(number)), group) }
        try lateRows.forEachElement { number, group throws(E) in try body(.lateRows(UInt32(number)), group) }
    }
}
