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
}

/// Late samples of a series that are not in a segment yet.
struct LateSamples: Sendable {
    /// In the order in which they were filled; a later one's value at an instant overrides an earlier one's.
    var chunks: [HeadChunk] = []
    /// By time, each instant once. Override the chunks.
    var samples: [Sample] = []
}

/// What the log holds, in memory. A value: readers keep the one that their snapshot took.
struct Head: Sendable {
    private(set) var shapes = PagedArray<HeadGroup>()
    private(set) var singles = PagedArray<HeadGroup>()
    private(set) var late: [UInt32: LateSamples] = [:]

    /// Bytes of open rows and late samples.
    private(set) var openBytes = 0
    /// Numbers (times and values) among them.
    private(set) var openNumbers = 0
    /// Groups that have an open block.
    private(set) var openGroups = 0
    /// Bytes of chunks, for the segment.
    private(set) var chunkBytes = 0
    private(set) var chunkCount = 0
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
    var mostEncodedBytes: Int { chunkBytes + 9 * openNumbers + 256 * (openGroups + late.count) }
    var memoryBytes: Int { openBytes + chunkBytes + chunkCount * HeadChunk.overhead }

    func group(_ key: GroupKey) -> HeadGroup? {
        switch key.kind {
        case .shape: Int(key.number) < shapes.count ? shapes[Int(key.number)] : nil
        case .single: Int(key.number) < singles.count ? singles[Int(key.number)] : nil
        case .late, nil: nil
        }
    }

    /// Changes a group in place.
    @inline(__always)
    private mutating func withGroup<R>(_ key: GroupKey, _ body: (inout HeadGroup) -> R) -> R {
        let number = Int(key.number)
        if key.kind == .shape {
            while shapes.count <= number { shapes.append(HeadGroup()) }
            return body(&shapes[number])
        }
        while singles.count <= number { singles.append(HeadGroup()) }
        return body(&singles[number])
    }

    private mutating func note(_ first: Int64, _ last: Int64, inOrder: Bool) {
        firstTime = min(firstTime, first)
        lastTime = max(lastTime, last)
        if inOrder { firstInOrder = min(firstInOrder, first) }
    }

    /// Adds a row that is later than all of its group. Returns how many open rows the group has.
    mutating func append(
        _ key: GroupKey, columns: Int, time: Int64, values: UnsafePointer<Double>
    ) -> Int {
        var grown = 0
        var opened = 0
        let rows = withGroup(key) { group in
            let block: OpenBlock
            if let present = group.block {
                if group.rows < present.capacity {
                    block = present
                } else {
                    block = present.doubled(rows: group.rows)
                    grown = block.memoryBytes - present.memoryBytes
                    group.block = block
                }
            } else {
                block = OpenBlock(columns: columns)
                grown = block.memoryBytes
                opened = 1
                group.block = block
                group.rows = 0
            }
            block.set(row: group.rows, time: time, values: values)
            group.rows += 1
            return group.rows
        }
        openBytes += grown
        openGroups += opened
        openNumbers += columns + 1
        samples += columns
        note(time, time, inOrder: true)
        return rows
    }

    /// Adds a late sample, or puts it in the place of one at the same instant. Returns how many the series has open.
    mutating func appendLate(_ series: UInt32, _ sample: Sample) -> Int {
        let count = {
            (list: inout LateSamples) in
            var low = 0
            var high = list.samples.count
            while low < high {
                let middle = (low + high) / 2
                if list.samples[middle].time < sample.time { low = middle + 1 } else { high = middle }
            }
            if low < list.samples.count, list.samples[low].time == sample.time {
                list.samples[low] = sample
                return (list.samples.count, false)
            }
            list.samples.insert(sample, at: low)
            return (list.samples.count, true)
        }(&late[series, default: LateSamples()])
        if count.1 {
            openBytes += MemoryLayout<Sample>.stride
            openNumbers += 2
            samples += 1
        }
        note(sample.time.milliseconds, sample.time.milliseconds, inOrder: false)
        return count.0
    }

    /// Takes in a chunk as it is.
    mutating func append(_ chunk: HeadChunk) {
        if chunk.key.kind == .late {
            late[chunk.key.number, default: LateSamples()].chunks.append(chunk)
        } else {
            withGroup(chunk.key) { $0.chunks.append(chunk) }
        }
        samples += chunk.rows * chunk.columns
        chunkBytes += chunk.bytes.count
        chunkCount += 1
        note(chunk.firstTime, chunk.lastTime, inOrder: chunk.key.kind != .late)
    }

    /// Takes over the rows of a group, or the late samples of a series, as another head holds them.
    mutating func takeOver(_ key: GroupKey, from other: Head) {
        if key.kind == .late {
            guard let samples = other.late[key.number] else { return }
            for chunk in samples.chunks { append(chunk) }
            for sample in samples.samples { _ = appendLate(key.number, sample) }
            return
        }
        guard let held = other.group(key) else { return }
        for chunk in held.chunks { append(chunk) }
        guard let block = held.block, held.rows > 0 else { return }
        withGroup(key) { group in
            group.block = block
            group.rows = held.rows
        }
        openGroups += 1
        openBytes += block.memoryBytes
        openNumbers += held.rows * (block.columns + 1)
        samples += held.rows * block.columns
        note(block.firstTime(), block.time(ofRow: held.rows - 1), inOrder: true)
    }

    /// The groups of rows that came in order and are held, by number.
    func groupKeys() -> [GroupKey] {
        var keys: [GroupKey] = []
        for index in shapes.indices where !shapes[index].isEmpty { keys.append(.shape(UInt32(index))) }
        for index in singles.indices where !singles[index].isEmpty { keys.append(.single(UInt32(index))) }
        return keys
    }

    /// Encodes the open rows of `key`, if there are any.
    mutating func close(_ key: GroupKey, encoder: ChunkEncoder, buffer: inout ByteWriter) {
        buffer.removeAll()
        guard let closed = encodeOpen(key, flags: [], encoder: encoder, to: &buffer) else { return }
        let chunk = HeadChunk(
            bytes: [UInt8](buffer.bytes), key: key, rows: closed.rows, columns: closed.columns,
            firstTime: closed.first, lastTime: closed.last)
        if key.kind == .late {
            late[key.number]?.chunks.append(chunk)
            late[key.number]?.samples = []
            openBytes -= closed.rows * MemoryLayout<Sample>.stride
        } else {
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
        }
        let numbers = closed.rows * (closed.columns + 1)
        openNumbers -= numbers
        chunkBytes += chunk.bytes.count
        bytesPerNumber += 0.1 * (Double(chunk.bytes.count) / Double(numbers) - bytesPerNumber)
        chunkCount += 1
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
            guard let samples = late[key.number]?.samples, let first = samples.first, let last = samples.last else {
                return nil
            }
            let times = samples.map(\.time.milliseconds)
            let values = samples.map(\.value)
            times.withUnsafeBufferPointer { times in
                values.withUnsafeBufferPointer { values in
                    encoder.append(key: key, flags: flags, times: times, columns: 1, column: { _ in values }, to: &out)
                }
            }
            return (samples.count, 1, first.time.milliseconds, last.time.milliseconds)
        }
        guard let group = group(key), let block = group.block, group.rows > 0 else { return nil }
        encoder.append(
            key: key, flags: flags, times: block.times(group.rows), columns: block.columns,
            column: { block.values($0, group.rows) }, to: &out)
        return (group.rows, block.columns, block.firstTime(), block.time(ofRow: group.rows - 1))
    }

    /// The groups with open rows or samples, with the memory of each.
    func openKeys() -> [(key: GroupKey, bytes: Int)] {
        var keys: [(GroupKey, Int)] = []
        for index in shapes.indices {
            if let block = shapes[index].block { keys.append((.shape(UInt32(index)), block.memoryBytes)) }
        }
        for index in singles.indices {
            if let block = singles[index].block { keys.append((.single(UInt32(index)), block.memoryBytes)) }
        }
        for series in late.keys.sorted() {
            if let samples = late[series]?.samples, !samples.isEmpty {
                keys.append((.late(series), samples.count * MemoryLayout<Sample>.stride))
            }
        }
        return keys
    }

    /// The chunks, group by group, each group's in its order.
    func forEachChunk<E: Error>(_ body: (HeadChunk) throws(E) -> Void) throws(E) {
        for index in shapes.indices {
            for chunk in shapes[index].chunks { try body(chunk) }
        }
        for index in singles.indices {
            for chunk in singles[index].chunks { try body(chunk) }
        }
        for series in late.keys.sorted() {
            for chunk in late[series]?.chunks ?? [] { try body(chunk) }
        }
    }
}
