/// The time column of a chunk: strictly ascending milliseconds, the first of which stands in the chunk's header.
///
/// Three codecs; the encoder takes the smallest. All arithmetic wraps, so that any 64 bits come back.
enum TimeColumn {
    enum Codec: UInt8 {
        /// `zigzag varint step`: every gap is the same.
        case constantStep = 0
        /// `zigzag varint first gap`, then blocks of the changes of the gap, zigzag.
        case deltaOfDelta = 1
        /// Blocks of the distances from the straight line between first and last, zigzag: better than the above for a
        /// fixed schedule with jitter, where a change of the gap carries the jitter of three messages.
        case line = 2
    }

    static func append(
        _ times: UnsafeBufferPointer<Int64>, last: Int64, scratch: ColumnScratch, to out: inout ByteWriter
    ) {
        let count = times.count
        guard count > 1 else {
            out.append(Codec.constantStep.rawValue)
            out.appendSignedVarint(0)
            return
        }
        let step = times[1] &- times[0]
        var gap = step
        var changes: UInt64 = 0
        for index in 2..<max(2, count) {
            let next = times[index] &- times[index - 1]
            let change = (next &- gap).zigzag
            scratch.first[index - 2] = change
            changes |= change
            gap = next
        }
        guard changes != 0 else {
            out.append(Codec.constantStep.rawValue)
            out.appendSignedVarint(step)
            return
        }
        let ofChanges = UnsafeBufferPointer(rebasing: scratch.first[..<(count - 2)])
        if let slope = slope(first: times[0], last: last, count: count) {
            for index in 0..<count {
                scratch.second[index] = (times[index] &- onLine(times[0], slope, index)).zigzag
            }
            let ofDistances = UnsafeBufferPointer(rebasing: scratch.second[..<count])
            if IntegerBlocks.size(of: ofDistances) < IntegerBlocks.size(of: ofChanges) {
                out.append(Codec.line.rawValue)
                IntegerBlocks.append(ofDistances, to: &out)
                return
            }
        }
        out.append(Codec.deltaOfDelta.rawValue)
        out.appendSignedVarint(step)
        IntegerBlocks.append(ofChanges, to: &out)
    }

    /// Milliseconds a row in units of 2^−20; nil if the span is too long for that.
    private static func slope(first: Int64, last: Int64, count: Int) -> Int64? {
        let (span, overflow) = last.subtractingReportingOverflow(first)
        guard !overflow, span >= 0, span < 1 << 40 else { return nil }
        return (span << 20) / Int64(max(count - 1, 1))
    }

    @inline(__always)
    private static func onLine(_ first: Int64, _ slope: Int64, _ row: Int) -> Int64 {
        first &+ ((slope &* Int64(row)) >> 20)
    }

    /// Reads as many times as `out` has room for.
    static func decode(
        _ reader: inout ByteReader, first: Int64, last: Int64, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<Int64>
    ) throws(DamagedBytes) {
        guard let codec = Codec(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("time codec") }
        guard !out.isEmpty, out.count <= Chunk.mostRows else { throw DamagedBytes("rows") }
        switch codec {
        case .constantStep:
            let step = try reader.signedVarint()
            for index in out.indices { out[index] = first &+ step &* Int64(index) }
        case .deltaOfDelta:
            guard out.count >= 2 else { throw DamagedBytes("rows") }
            var gap = try reader.signedVarint()
            let changes = UnsafeMutableBufferPointer(rebasing: scratch.first[..<(out.count - 2)])
            try IntegerBlocks.decode(&reader, into: changes)
            var time = first &+ gap
            out[0] = first
            out[1] = time
            for index in changes.indices {
                gap &+= Int64(zigzag: changes[index])
                time &+= gap
                out[index + 2] = time
            }
        case .line:
            guard let slope = slope(first: first, last: last, count: out.count) else { throw DamagedBytes("time span") }
            let distances = UnsafeMutableBufferPointer(rebasing: scratch.first[..<out.count])
            try IntegerBlocks.decode(&reader, into: distances)
            for index in out.indices {
                out[index] = onLine(first, slope, index) &+ Int64(zigzag: distances[index])
            }
        }
        guard out[0] == first, out[out.count - 1] == last else { throw DamagedBytes("time column") }
    }
}
