/// A run of whole numbers in one of two coders; columns of many rows have a third.
enum IntegerStream {
    enum Coder: UInt8, CaseIterable {
        /// `IntegerBlocks`: quick to read.
        case packed = 0
        /// `RANS`: close to the entropy of single numbers.
        case rans = 1
        /// `PrefixCode`: about as close, and quicker to read. For `Lanes`, of which a run knows nothing.
        case prefix = 2
    }

    /// Writes `values` with `coder`, or bit-packed where that one cannot. Returns the coder that it was.
    static func append(
        _ values: UnsafeBufferPointer<UInt64>, _ coder: Coder, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Coder {
        if coder == .rans, let split = RANS.estimate(values, scratch.rans)?.split {
            RANS.append(values, split, scratch.rans, to: &out)
            return .rans
        }
        IntegerBlocks.append(values, to: &out)
        return .packed
    }

    /// Writes `values` with the coder that makes them smallest, behind its `u8`: for what is read once for many rows.
    static func appendSmallest(
        _ values: UnsafeBufferPointer<UInt64>, scratch: ColumnScratch, to out: inout ByteWriter
    ) {
        let entropy = RANS.estimate(values, scratch.rans)
        let coder = entropy.map { $0.bytes < IntegerBlocks.size(of: values) } == true ? Coder.rans : .packed
        out.append(coder.rawValue)
        _ = append(values, coder, scratch: scratch, to: &out)
    }

    /// Reads what `appendSmallest` wrote.
    static func decode(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        guard let coder = Coder(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("coder") }
        try decode(&reader, coder, scratch: scratch, into: out)
    }

    /// Reads `out.count` numbers.
    static func decode(
        _ reader: inout ByteReader, _ coder: Coder, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        switch coder {
        case .packed: try IntegerBlocks.decode(&reader, into: out)
        case .rans: try RANS.decode(&reader, scratch: scratch, into: out)
        case .prefix: throw DamagedBytes("coder")
        }
    }
}
