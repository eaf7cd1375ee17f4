/// The late rows of a head while it is sealed: group by group they come among those that came in order.
struct LateRowPlaces {
    /// Those of one group, by ascending time.
    let window = RowWindow()
    /// Those that have a place among the others.
    private var taken: [Range<Int>] = []
    /// Samples, of all groups, that have none yet.
    private(set) var samplesLeft = 0

    init(_ head: Head) {
        head.lateRows.forEachElement { _, group in
            samplesLeft += group.chunks.reduce(0) { $0 + $1.rows * $1.columns }
            samplesLeft += group.rows * (group.block?.columns ?? 0)
        }
    }

    /// What a segment needs at most for those that are left, as late samples.
    var mostBytes: Int { samplesLeft * 18 }

    /// Takes up the late rows of a group: of a shape, since single series have late samples.
    mutating func begin(_ key: GroupKey, of head: Head, columns: Int, _ decoder: ChunkDecoder) {
        taken.removeAll(keepingCapacity: true)
        window.begin(columns: columns)
        guard key.kind == .shape, let group = head.group(.lateRows(key.number)) else { return }
        for chunk in group.chunks { window.append(chunk, decoder) }
        if let block = group.block { window.append(block, rows: group.rows) }
        window.sort()
    }

    /// Puts those between two instants among the rows of `other`, as far as there is room.
    mutating func insert(into other: RowWindow, from first: Int64, through last: Int64, room: Int) {
        guard window.rows > 0, room > 0, first <= last else { return }
        let begin = window.firstIndex(notBefore: first)
        let end = last == .max ? window.rows : window.firstIndex(notBefore: last + 1)
        let rows = begin..<min(end, begin + room)
        guard !rows.isEmpty else { return }
        other.insert(Array(window.times[rows]), window.columns.map { Array($0[rows]) })
        taken.append(rows)
        samplesLeft -= rows.count * window.columns.count
    }

    /// Leaves those that have no place in the window, and takes them for settled.
    mutating func end() {
        for rows in taken.reversed() { window.remove(rows) }
        samplesLeft -= window.rows * window.columns.count
    }
}
