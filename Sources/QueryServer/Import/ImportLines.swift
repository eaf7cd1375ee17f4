/// Divides what comes in pieces into lines, with their numbers, and these into series.
struct ImportLines {
    /// A longer line is refused before it is held: an export's longest is a hundredth of it.
    static let longestLine = 8 << 20
    /// Samples that are handed over at once: what one sync of the log covers.
    static let batchSamples = 8192

    private var format: any ImportFormat
    private var rest: [UInt8] = []
    /// Lines whose content is in `series` or was taken from it.
    private(set) var lines = 0
    private(set) var series: [ImportedSeries] = []
    private(set) var samples = 0

    init(_ format: any ImportFormat) {
        self.format = format
    }

    var isFull: Bool { samples >= ImportLines.batchSamples }

    /// Adds bytes. Complete lines become series only by `next()`.
    mutating func add(_ bytes: some Collection<UInt8>) throws(ImportFault) {
        rest.append(contentsOf: bytes)
    }

    /// Parses lines until a batch is full. Returns false when no complete line is left.
    mutating func next(atEnd: Bool = false) throws(ImportFault) -> Bool {
        var start = 0
        defer { rest.removeFirst(start) }
        var search = 0
        while !isFull {
            guard let end = rest[search...].firstIndex(of: 0x0A) else {
                guard rest.count - start <= ImportLines.longestLine else {
                    throw ImportFault("the line is longer than \(ImportLines.longestLine >> 20) MiB")
                }
                guard atEnd, start < rest.count else { return false }
                let line = Array(rest[start...])
                start = rest.count
                try take(line)
                return false
            }
            let line = Array(rest[start..<end])
            if format.isOpen(line) {
                search = end + 1
                continue
            }
            start = end + 1
            search = start
            try take(line)
        }
        return true
    }

    private mutating func take(_ line: [UInt8]) throws(ImportFault) {
        if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            let before = series.last?.samples.count ?? 0
            let count = series.count
            try format.take(line, into: &series)
            samples += series[max(0, count - 1)...].reduce(0) { $0 + $1.samples.count } - (count > 0 ? before : 0)
        }
        lines += 1
    }

    /// What was gathered, which is then handed over.
    mutating func takeSeries() -> [ImportedSeries] {
        defer {
            series = []
            samples = 0
        }
        return series
    }
}
