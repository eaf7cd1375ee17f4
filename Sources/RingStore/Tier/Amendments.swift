import Readings

/// What a bucket came to when raw segments with samples of it were about to give way.
struct Amendment: Sendable {
    var record: Aggregate
    /// The record tells all samples of its bucket up to this instant, those in the head, too. Later ones are in order, and
    /// are added to it; no sample up to it is taken any more.
    var through: Int64
}

/// Amendments of one tier: records of buckets that could not be derived again, because late samples of them wait for their
/// segment while raw segments give way, or are in segments that the tier's own do not tell yet.
///
/// Each checkpoint writes them down. They go once segments of the tier hold the same.
struct Amendments: Sendable {
    private var records = TierHead()
    /// By series and the begin of the bucket, of those that do not tell their bucket to its end.
    private var through: [UInt32: [Int64: Int64]] = [:]

    var isEmpty: Bool { records.isEmpty }
    var memoryBytes: Int { records.memoryBytes + through.values.reduce(0) { $0 + 96 + 32 * $1.count } }
    /// About what they take in the log.
    var expectedBytes: Int {
        records.expectedBytes(perRecord: Double(Amendments.bytesOfRecord), perSeries: TierChunk.bytesOfSeries)
    }

    static let bytesOfRecord = 16

    /// The series that have some, ascending.
    var series: [UInt32] {
        var series: [UInt32] = []
        records.series.forEachElement { number, records in
            if records.isChanged { series.append(UInt32(number)) }
        }
        return series
    }

    /// Those of buckets that begin in `range`, ascending.
    func find(_ series: UInt32, in range: ClosedRange<Int64>, decoder: ChunkDecoder) -> [Amendment] {
        guard !isEmpty else { return [] }
        var found: [Aggregate] = []
        records.append(series, in: range, decoder: decoder, to: &found)
        let ends = through[series]
        return found.map { Amendment(record: $0, through: ends?[$0.start.milliseconds] ?? .max) }
    }

    /// That of the bucket that begins at `start`.
    func find(_ series: UInt32, at start: Int64, decoder: ChunkDecoder) -> Amendment? {
        find(series, in: start...start, decoder: decoder).first
    }

    mutating func put(_ amendment: Amendment, of series: UInt32, _ grid: BucketGrid, _ tools: TierTools) {
        let start = amendment.record.start.milliseconds
        records.put(amendment.record, of: series, tools)
        if amendment.through < grid.end(of: start) {
            through[series, default: [:]][start] = amendment.through
        } else if through[series]?.removeValue(forKey: start) != nil, through[series]?.isEmpty ?? false {
            through[series] = nil
        }
    }

    /// Those for which `isNeeded` holds.
    func filter(_ grid: BucketGrid, _ tools: TierTools, _ isNeeded: (UInt32, Aggregate) -> Bool) -> Amendments {
        var left = Amendments()
        for number in series {
            for amendment in find(number, in: .min ... .max, decoder: tools.decoder)
            where isNeeded(number, amendment.record) {
                left.put(amendment, of: number, grid, tools)
            }
        }
        return left
    }
}
