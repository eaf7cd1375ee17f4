import Readings

/// A tier's records that are not in a segment yet: by series, each bucket once, ascending. A value, as the head is.
///
/// Nothing of it is in the log: it is made anew from raw segments after a restart.
struct TierHead: Sendable {
    struct Records: Sendable {
        /// Before the open ones, none overlapping another.
        var chunks: [HeadChunk] = []
        var open: [Aggregate] = []
        /// Whether there is something that the newest segment does not have: its last record stays here, to go on from.
        var isChanged = false
        /// The begin of the first bucket that was computed anew since then.
        var firstRecomputed = Int64.max
    }

    /// So many open records of a series become a chunk. The last one stays open: it is the one that changes.
    private static let mostOpen = 64

    private(set) var series = PagedArray(default: Records())
    private(set) var chunkBytes = 0
    private(set) var openRecords = 0
    private(set) var chunkCount = 0
    private(set) var changedSeries = 0
    private(set) var firstTime = Int64.max
    /// Of all series.
    private(set) var firstRecomputed = Int64.max

    var isEmpty: Bool { changedSeries == 0 }

    var memoryBytes: Int {
        chunkBytes + chunkCount * HeadChunk.overhead + openRecords * MemoryLayout<Aggregate>.stride
            + series.memoryBytes
    }

    /// About what a segment of all this takes.
    func expectedBytes(perRecord: Double, perSeries: Int) -> Int {
        chunkBytes + Int(Double(openRecords) * perRecord) + changedSeries * perSeries
    }

    /// Puts a record in its place, instead of one of the same bucket.
    mutating func put(_ record: Aggregate, of number: UInt32, _ tools: TierTools) {
        series.extend(to: Int(number) + 1)
        if !series[Int(number)].isChanged {
            series[Int(number)].isChanged = true
            changedSeries += 1
        }
        firstTime = min(firstTime, record.start.milliseconds)
        let before = weight(number)
        series[Int(number)].put(record, tools)
        if series[Int(number)].open.count > TierHead.mostOpen { series[Int(number)].close(number, tools) }
        add(weight(number), minus: before)
    }

    /// The same for a record that was computed anew, not one that goes on.
    mutating func putRecomputed(_ record: Aggregate, of number: UInt32, _ tools: TierTools) {
        put(record, of: number, tools)
        let start = record.start.milliseconds
        series[Int(number)].firstRecomputed = min(series[Int(number)].firstRecomputed, start)
        firstRecomputed = min(firstRecomputed, start)
    }

    /// Buckets that begin in `range` and may have been computed anew since the tier was sealed, by their begins.
    func recomputed(_ number: UInt32, in range: ClosedRange<Int64>, decoder: ChunkDecoder) -> [Int64] {
        guard Int(number) < series.count, series[Int(number)].firstRecomputed <= range.upperBound else { return [] }
        var found: [Aggregate] = []
        let first = max(range.lowerBound, series[Int(number)].firstRecomputed)
        append(number, in: first...range.upperBound, decoder: decoder, to: &found)
        return found.map(\.start.milliseconds)
    }

    /// How many those of all series are that begin at `time` at the latest.
    func recomputedCount(through time: Int64, decoder: ChunkDecoder) -> Int {
        guard firstRecomputed <= time else { return 0 }
        var count = 0
        series.forEachElement { number, records in
            guard records.firstRecomputed <= time else { return }
            count += recomputed(UInt32(number), in: .min...time, decoder: decoder).count
        }
        return count
    }

    private func weight(_ number: UInt32) -> (chunks: Int, bytes: Int, open: Int) {
        let records = series[Int(number)]
        return (records.chunks.count, records.chunks.reduce(0) { $0 + $1.bytes.count }, records.open.count)
    }

    private mutating func add(
        _ now: (chunks: Int, bytes: Int, open: Int), minus before: (chunks: Int, bytes: Int, open: Int)
    ) {
        chunkCount += now.chunks - before.chunks
        chunkBytes += now.bytes - before.bytes
        openRecords += now.open - before.open
    }

    /// What is in the newest segment now; of each series the last record stays.
    mutating func noteSealed(_ number: UInt32) {
        guard Int(number) < series.count, series[Int(number)].isChanged else { return }
        let before = weight(number)
        series[Int(number)].isChanged = false
        series[Int(number)].firstRecomputed = .max
        series[Int(number)].chunks = []
        series[Int(number)].open = Array(series[Int(number)].open.suffix(1))
        changedSeries -= 1
        add(weight(number), minus: before)
        if changedSeries == 0 {
            firstTime = .max
            firstRecomputed = .max
        }
    }

    /// Appends the records of `number` that begin in `range`.
    func append(
        _ number: UInt32, in range: ClosedRange<Int64>, _ detail: AggregateDetail = .all, decoder: ChunkDecoder,
        to out: inout [Aggregate]
    ) {
        guard Int(number) < series.count else { return }
        let records = series[Int(number)]
        for chunk in records.chunks where chunk.firstTime <= range.upperBound && chunk.lastTime >= range.lowerBound {
            chunk.appendRecords(in: range, detail, decoder: decoder, to: &out)
        }
        let first = records.open.firstIndex(notBefore: Timestamp(milliseconds: range.lowerBound))
        var end = records.open.count
        while end > first, records.open[end - 1].start.milliseconds > range.upperBound { end -= 1 }
        out.append(contentsOf: records.open[first..<end])
    }
}

/// What making and reading a tier's chunks in memory needs.
struct TierTools {
    let encoder: ChunkEncoder
    let decoder: ChunkDecoder
    let scratch = TierChunk.Scratch()
    let attempts = ReadingAttempts()

    func chunk(_ records: ArraySlice<Aggregate>, of number: UInt32) -> HeadChunk? {
        guard let first = records.first, let last = records.last else { return nil }
        var buffer = ByteWriter(capacity: 4096)
        TierChunk.append(records, of: number, encoder: encoder, scratch: scratch, to: &buffer)
        return HeadChunk(
            bytes: [UInt8](buffer.bytes), key: .single(number), rows: records.count, columns: TierChunk.columns,
            firstTime: first.start.milliseconds, lastTime: last.start.milliseconds)
    }
}

extension HeadChunk {
    /// Made by this process and never out of its memory: there is nothing that could be damaged.
    func appendRecords(
        in range: ClosedRange<Int64>, _ detail: AggregateDetail = .all, decoder: ChunkDecoder,
        to out: inout [Aggregate]
    ) {
        bytes.withUnsafeBytes { bytes in
            guard let header = try? Chunk.uncheckedHeader(bytes) else { return }
            try? TierChunk.decode(bytes, header, in: range, detail, decoder: decoder, to: &out)
        }
    }
}

extension TierHead.Records {
    fileprivate mutating func put(_ record: Aggregate, _ tools: TierTools) {
        let start = record.start
        if open.last.map({ $0.start < start }) ?? (chunks.last.map { $0.lastTime < start.milliseconds } ?? true) {
            open.append(record)
        } else if let place = chunks.firstIndex(where: { $0.lastTime >= start.milliseconds }) {
            amend(place, record, tools)
        } else {
            open.put(record)
        }
    }

    /// Changes a record that is in a chunk already: only late samples do that.
    private mutating func amend(_ place: Int, _ record: Aggregate, _ tools: TierTools) {
        var records: [Aggregate] = []
        chunks[place].appendRecords(in: .min ... .max, decoder: tools.decoder, to: &records)
        records.put(record)
        let half = records.count > Chunk.mostRows / 2 ? records.count / 2 : 0
        let number = chunks[place].key.number
        chunks.replaceSubrange(
            place...place,
            with: [tools.chunk(records[..<half], of: number), tools.chunk(records[half...], of: number)]
                .compactMap { $0 })
    }

    /// So many chunks of about the same length become one.
    private static let mergedChunks = 8

    fileprivate mutating func close(_ number: UInt32, _ tools: TierTools) {
        if let chunk = tools.chunk(open.dropLast(), of: number) { chunks.append(chunk) }
        open = Array(open.suffix(1))
        while mergeLast(number, tools) {}
    }

    /// Makes one chunk of the last ones, so that who reads a year does not meet a chunk every few days: what a chunk costs
    /// beside its records is as much as a hundred of them.
    private mutating func mergeLast(_ number: UInt32, _ tools: TierTools) -> Bool {
        let last = chunks.suffix(TierHead.Records.mergedChunks)
        guard last.count == TierHead.Records.mergedChunks, let length = last.last?.rows,
            last.allSatisfy({ $0.rows < 2 * length }), last.reduce(0, { $0 + $1.rows }) <= Chunk.mostRows
        else { return false }
        var records: [Aggregate] = []
        for chunk in last { chunk.appendRecords(in: .min ... .max, decoder: tools.decoder, to: &records) }
        guard records.count == last.reduce(0, { $0 + $1.rows }), let merged = tools.chunk(records[...], of: number)
        else { return false }
        chunks.replaceSubrange(last.indices, with: CollectionOfOne(merged))
        return true
    }
}

extension [Aggregate] {
    /// Puts a record in its place among ascending ones, instead of one of the same bucket.
    mutating func put(_ record: Aggregate) {
        let place = firstIndex(notBefore: record.start)
        if place < count, self[place].start == record.start {
            self[place] = record
        } else {
            insert(record, at: place)
        }
    }

    /// The record of the bucket that begins at `start`.
    func find(_ start: Int64) -> Aggregate? {
        let place = firstIndex(notBefore: Timestamp(milliseconds: start))
        return place < count && self[place].start.milliseconds == start ? self[place] : nil
    }

    func firstIndex(notBefore start: Timestamp) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].start < start { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Lays `newer`, ascending, over ascending records: where both have a bucket, `newer` counts. `newer` is emptied.
    mutating func overlay(_ newer: inout [Aggregate]) {
        if isEmpty { return swap(&self, &newer) }
        defer { newer.removeAll(keepingCapacity: true) }
        guard let first = newer.first else { return }
        let start = firstIndex(notBefore: first.start)
        if start == count {
            append(contentsOf: newer)
            return
        }
        let old = Array(self[start...])
        removeSubrange(start...)
        var position = 0
        for (index, record) in newer.enumerated() {
            if position == old.count {
                append(contentsOf: newer[index...])
                return
            }
            while position < old.count, old[position].start < record.start {
                append(old[position])
                position += 1
            }
            if position < old.count, old[position].start == record.start { position += 1 }
            append(record)
        }
        append(contentsOf: old[position...])
    }
}
