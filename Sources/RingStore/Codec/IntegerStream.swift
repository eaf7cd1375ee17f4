/// A run of whole numbers in one of three coders.
enum IntegerStream {
    enum Coder: UInt8, CaseIterable {
        /// `IntegerBlocks`: quick to read.
        case packed = 0
        /// `RANS`: close to the entropy of single numbers.
        case rans = 1
        /// `ZstdCoder`: finds longer patterns.
        case zstd = 2
    }

    /// Writes `values` with `coder`, or bit-packed where that one cannot. Returns the coder that it was.
    static func append(
        _ values: UnsafeBufferPointer<UInt64>, _ coder: Coder, scratch: ColumnScratch, to out: inout ByteWriter
    ) -> Coder {
        switch coder {
        case .packed: break
        case .rans:
            if let split = RANS.estimate(values, scratch.rans)?.split {
                RANS.append(values, split, scratch.rans, to: &out)
                return .rans
            }
        case .zstd:
            if ZstdCoder.append(values, scratch, to: &out) { return .zstd }
        }
        IntegerBlocks.append(values, to: &out)
        return .packed
    }

    /// Reads `out.count` numbers.
    static func decode(
        _ reader: inout ByteReader, _ coder: Coder, scratch: ColumnScratch,
        into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        switch coder {
        case .packed: try IntegerBlocks.decode(&reader, into: out)
        case .rans: try RANS.decode(&reader, scratch: scratch, into: out)
        case .zstd: try ZstdCoder.decode(&reader, scratch: scratch, into: out)
        }
    }
}
