import Readings

/// Turns a head into a segment: group by group its rows are decoded, joined by the late samples that belong among them,
/// and encoded anew, as densely as it goes and in chunks as long as possible. What does not fit stays in a rest head.
final class HeadSealing {
    private let state: StoreState
    private let head: Head
    private let catalogue: Catalogue
    private let geometry: StoreGeometry
    private let builder: SegmentBuilder
    private let tools: SealingTools

    private let window = RowWindow()
    private var late: LatePlaces
    private var lateRows: LateRowPlaces
    private(set) var rest: Head
    /// Where the next segment begins: with the first group that found no room.
    private(set) var next: GroupKey?
    /// Series of which rows stay in memory, with the first instant of those.
    private var staying: [UInt32: Int64] = [:]
    private var minutes = BucketCount(.kept(width: 60_000))
    private var hours = BucketCount(.kept(width: 3_600_000))

    /// Fewer rows than these are not worth a chunk at a segment's end.
    private static let leastRows = 64

    init(_ state: StoreState, _ geometry: StoreGeometry, into builder: SegmentBuilder, _ tools: SealingTools) {
        self.state = state
        head = state.head
        catalogue = state.catalogue
        self.geometry = geometry
        self.builder = builder
        self.tools = tools
        late = LatePlaces(state.head, tools.decoder)
        lateRows = LateRowPlaces(state.head)
        rest = Head(after: state.head)
    }

    /// Fills the segment, from the group `first` on around; without one from that which has waited longest. Else one that finds
    /// no room, time and again, would wait for ever where the daemon is restarted often.
    func run(from first: GroupKey?) throws(FileError) {
        var keys = head.groupKeys()
        if let first = first ?? keys.min(by: { head.firstTime(of: $0) < head.firstTime(of: $1) }),
            let start = keys.firstIndex(where: { $0 >= first })
        {
            keys = Array(keys[start...] + keys[..<start])
        }
        for (position, key) in keys.enumerated() {
            if try seal(key) { continue }
            // A group that fills a segment by itself lets the others go first next time: they would wait for ever.
            next = position == 0 && keys.count > 1 ? keys[1] : key
            for key in keys[(position + 1)...] {
                rest.takeOver(key, from: head)
                if key.kind == .shape { rest.takeOver(.lateRows(key.number), from: head) }
            }
            for key in keys[position...] { noteStaying(key) }
            break
        }
        settleOtherLateRows()
        try sealLate()
        builder.note(minutes: minutes.count, hours: hours.count)
        tools.boundHints()
    }

    /// Takes the rows of a group, late ones too. False if not all of them found room: then the others are in `rest`.
    private func seal(_ key: GroupKey) throws(FileError) -> Bool {
        guard let columns = catalogue.columns(of: key) else { return true }
        lateRows.begin(key, of: head, columns: columns.count, tools.decoder)
        let isWhole = try sealRows(key, columns)
        settleLateRows(key, columns)
        return isWhole
    }

    /// Finds another place for late rows that found none among the others: in memory, if they are later than some of those
    /// that stay there, or as late samples.
    private func settleLateRows(_ key: GroupKey, _ columns: [UInt32]) {
        lateRows.end()
        let rows = lateRows.window
        let staying = rest.group(key)?.chunks.first?.firstTime
        let first = staying.map { rows.firstIndex(notBefore: $0) } ?? rows.rows
        for (column, number) in columns.enumerated() where first > 0 {
            late.add(number, rows.times[..<first], rows.columns[column][..<first])
        }
        keep(rows, .lateRows(key.number), from: first)
    }

    /// Those of shapes of which the head has no row that came in order.
    private func settleOtherLateRows() {
        head.lateRows.forEachElement { number, group in
            let key = GroupKey.shape(UInt32(number))
            guard !group.isEmpty, !head.hasRows(key), let columns = catalogue.columns(of: key) else {
                return
            }
            lateRows.begin(key, of: head, columns: columns.count, tools.decoder)
            settleLateRows(key, columns)
        }
    }

    private func sealRows(_ key: GroupKey, _ columns: [UInt32]) throws(FileError) -> Bool {
        guard let group = head.group(key) else { return true }
        minutes.begin()
        hours.begin()
        var from = insertionBegin(key, columns, group)
        var pieces = group.chunks[...]
        var openRows = group.block == nil ? 0 : group.rows
        while !pieces.isEmpty || openRows > 0 {
            window.begin(columns: columns.count)
            while let chunk = pieces.first, window.rows + chunk.rows <= Chunk.mostRows {
                window.append(chunk, tools.decoder)
                pieces.removeFirst()
            }
            if pieces.isEmpty, let block = group.block, window.rows + openRows <= Chunk.mostRows {
                window.append(block, rows: openRows)
                openRows = 0
            }
            guard let last = window.times.last else { return true }
            if let from {
                lateRows.insert(into: window, from: from, through: last, room: Chunk.mostRows - window.rows)
            }
            late.merge(
                into: window, of: columns, insertingFrom: from, room: Chunk.mostRows - window.rows)
            from = from.map { max($0, last == .max ? .max : last + 1) }
            let sealed = try sealWindow(key, columns.count)
            if sealed < window.rows {
                keep(key, from: sealed)
                for chunk in pieces { rest.append(chunk) }
                if openRows > 0, let block = group.block { keep(key, block, openRows) }
                return false
            }
        }
        return true
    }

    /// From where on late samples may become rows of this group; nil if they may not.
    private func insertionBegin(_ key: GroupKey, _ columns: [UInt32], _ group: HeadGroup) -> Int64? {
        guard var from = group.firstTime else { return nil }
        for number in columns where late.series[number] != nil || lateRows.window.rows > 0 {
            let others = catalogue.groups(of: number).count { group in
                guard group.key.kind != .late else { return false }
                let lateRows = group.key.kind == .shape && group.key != key ? GroupKey.lateRows(group.key.number) : nil
                return head.hasRows(group.key) || lateRows.map(head.hasRows) ?? false
            }
            if others > 1 { return nil }
            // Rows of this group may have stayed in memory while later ones of another were sealed. A late sample at an
            // instant of one of those replaces its value, which a row beside it would not.
            if let latest = state.latestInOrder(of: number, besides: key, from: from, through: .max, builder.pool) {
                guard latest < .max else { return nil }
                from = max(from, latest + 1)
            }
        }
        return from
    }

    /// Encodes the window, or as much of it as there is room for. Returns how many rows that were.
    private func sealWindow(_ key: GroupKey, _ columns: Int) throws(FileError) -> Int {
        var done = 0
        let isLate = key.kind == .late
        // A chunk of numbers that do not become smaller must not be longer than a chunk may be.
        var rows = min(window.rows, Chunk.mostRows, max(1, Chunk.mostBytes / 2 / (9 * (columns + 1))))
        while done < window.rows {
            rows = min(rows, window.rows - done)
            let range = done..<(done + rows)
            // Late samples come last, and must not wait for ever.
            let reserve =
                isLate || builder.isEmpty ? 0 : min(late.mostBytes + lateRows.mostBytes, geometry.segmentRoom / 2)
            var found = tools.hints[key] ?? ChunkHints()
            let fits = try builder.append(leaving: reserve) { out in
                window.encode(range, key, tools.dense, &found, to: &out)
            }
            tools.hints[key] = found
            if fits {
                for row in range {
                    minutes.take(window.times[row], columns)
                    hours.take(window.times[row], columns)
                }
                done += rows
            } else if rows / 2 >= HeadSealing.leastRows || builder.isEmpty && rows > 1 {
                rows /= 2
            } else {
                break
            }
        }
        return done
    }

    /// Leaves the rows of the window from `first` on in memory.
    private func keep(_ key: GroupKey, from first: Int) { keep(window, key, from: first) }

    private func keep(_ window: RowWindow, _ key: GroupKey, from first: Int) {
        var first = first
        var buffer = ByteWriter(capacity: 16 << 10)
        while first < window.rows {
            let rows = first..<min(window.rows, first + geometry.mostRows(columns: window.columns.count))
            buffer.removeAll()
            var hints = ChunkHints()
            window.encode(rows, key, tools.fast, &hints, to: &buffer)
            if let chunk = HeadChunk(buffer.bytes) { rest.append(chunk) }
            first = rows.upperBound
        }
    }

    private func keep(_ key: GroupKey, _ block: OpenBlock, _ rows: Int) {
        window.begin(columns: block.columns)
        window.append(block, rows: rows)
        keep(key, from: 0)
    }

    private func noteStaying(_ key: GroupKey) {
        guard var first = rest.group(key)?.firstTime else { return }
        if key.kind == .shape, let late = rest.group(.lateRows(key.number)) {
            for chunk in late.chunks { first = min(first, chunk.firstTime) }
            for time in late.block?.times(late.rows) ?? .init(start: nil, count: 0) { first = min(first, time) }
        }
        for number in catalogue.columns(of: key) ?? [] { staying[number] = min(staying[number] ?? .max, first) }
    }

    /// Late samples that found no place among the rows. Those from where on rows of their series stay wait with them: a
    /// late sample must not come into a segment before the row whose value it replaces.
    private func sealLate() throws(FileError) {
        var isFull = false
        for number in late.series.keys.sorted() {
            let samples = late.series[number]?.rest ?? []
            let waiting = staying[number].flatMap { first in samples.firstIndex { $0.time.milliseconds >= first } }
            let ready = samples[..<(waiting ?? samples.count)]
            window.begin(ready)
            minutes.begin()
            hours.begin()
            let sealed = isFull ? 0 : try sealWindow(.late(number), 1)
            if sealed < window.rows {
                isFull = true
                keep(.late(number), from: sealed)
            }
            window.begin(samples[ready.endIndex...])
            keep(.late(number), from: 0)
        }
    }
}

/// How many buckets samples fall into.
private struct BucketCount {
    let grid: BucketGrid
    private(set) var count = 0
    private var end: Int64?

    init(_ grid: BucketGrid) {
        self.grid = grid
    }

    mutating func begin() { end = nil }

    /// Takes the instant of a row, later than the one before.
    @inline(__always)
    mutating func take(_ time: Int64, _ columns: Int) {
        if let end, time <= end { return }
        end = grid.end(of: time)
        count += columns
    }
}
