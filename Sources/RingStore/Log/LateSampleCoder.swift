import Readings

/// How late samples stand in frames of readings and in checkpoints: each by what sets it apart from the one before.
struct LateSampleCoder {
    private var series: UInt32 = 0
    private var time: Int64 = 0

    /// What a sample takes at most, and at least.
    static let mostBytes = 5 + 10 + 8
    static let leastBytes = 2
    /// What one takes that is near the one before, without what was there.
    static let usualBytes = 4

    /// Appends how many there are, and then each.
    static func append(_ samples: ArraySlice<LateSample>, to out: inout ByteWriter) {
        var coder = LateSampleCoder()
        out.appendVarint(UInt64(samples.count))
        for sample in samples { coder.append(sample, to: &out) }
    }

    private mutating func append(_ sample: LateSample, to out: inout ByteWriter) {
        let change = (Int64(sample.series.index) - Int64(series)).zigzag
        out.appendVarint(change << 1 | (sample.before == nil ? 0 : 1))
        out.appendSignedVarint(sample.time.milliseconds &- time)
        if let before = sample.before { out.append(before) }
        series = sample.series.index
        time = sample.time.milliseconds
    }

    /// Reads how many there are.
    static func count(_ reader: inout ByteReader) throws(DamagedBytes) -> Int {
        try reader.count(leastBytes: leastBytes)
    }

    /// Reads the next one.
    mutating func next(_ reader: inout ByteReader) throws(DamagedBytes) -> LateSample {
        let head = try reader.varint()
        guard let number = UInt32(exactly: Int64(series) &+ Int64(zigzag: head >> 1)), number < GroupKey.mostNumbers
        else { throw DamagedBytes("series") }
        series = number
        time = time &+ (try reader.signedVarint())
        let before = head & 1 == 0 ? nil : try reader.double()
        return LateSample(series: SeriesRef(index: number), time: Timestamp(milliseconds: time), before: before)
    }
}
