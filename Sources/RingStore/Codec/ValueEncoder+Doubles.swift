/// Columns that are no decimals.
extension ValueEncoder {
    func appendRaw(_ values: UnsafeBufferPointer<Double>, to out: inout ByteWriter) {
        out.append(ValueColumn.Codec.raw.rawValue)
        for value in values { out.append(value) }
    }

    private func xor(_ values: UnsafeBufferPointer<Double>) -> (shift: Int, numbers: UnsafeBufferPointer<UInt64>) {
        var all: UInt64 = 0
        for row in 1..<values.count { all |= values[row].bitPattern ^ values[row - 1].bitPattern }
        let shift = all.trailingZeroBitCount & 63
        for row in 1..<values.count {
            scratch.stream[row - 1] = (values[row].bitPattern ^ values[row - 1].bitPattern) >> UInt64(shift)
        }
        return (shift, UnsafeBufferPointer(scratch.stream.first(values.count - 1)))
    }

    func xorBytes(_ values: UnsafeBufferPointer<Double>) -> Int {
        10 + IntegerBlocks.size(of: xor(values).numbers)
    }

    func appendXOR(_ values: UnsafeBufferPointer<Double>, to out: inout ByteWriter) {
        let (shift, numbers) = xor(values)
        out.append(ValueColumn.Codec.xor.rawValue)
        out.append(UInt8(shift))
        out.append(values[0])
        IntegerBlocks.append(numbers, to: &out)
    }

    /// False, with nothing written, where the front bits are of too many kinds.
    func appendFrontBits(
        _ values: UnsafeBufferPointer<Double>, pace: Pace, to out: inout ByteWriter
    ) -> Bool {
        var all: UInt64 = 0
        for value in values { all |= value.bitPattern }
        let shift = min(all.trailingZeroBitCount, 47)
        // The width whose kinds of fronts take least: a kind more costs more than a bit less saves.
        var best: (width: Int, kinds: [UInt64], bits: Int)?
        for width in ValueColumn.frontWidths {
            let rest = UInt64(64 - shift - width)
            var kinds: [UInt64] = []
            for value in values {
                let kind = (value.bitPattern >> UInt64(shift)) >> rest
                if let known = kinds.firstIndex(of: kind) {
                    if known > 0 { kinds.swapAt(known, known - 1) }
                } else {
                    kinds.append(kind)
                    if kinds.count > ValueColumn.mostFronts { break }
                }
            }
            guard kinds.count <= ValueColumn.mostFronts else { break }
            let code = Int.bitWidth - (kinds.count - 1).leadingZeroBitCount
            let bits = values.count * (code + Int(rest)) + 16 * kinds.count
            if best.map({ bits < $0.bits }) ?? true { best = (width, kinds, bits) }
        }
        guard let best else { return false }
        let kinds = best.kinds.sorted()
        let rest = UInt64(64 - shift - best.width)
        let start = out.count
        out.append(ValueColumn.Codec.frontBits.rawValue)
        out.append(UInt8(0))
        out.append(UInt8(shift))
        out.append(UInt8(best.width))
        out.append(UInt8(kinds.count))
        for kind in kinds { out.append(UInt16(kind)) }
        for row in values.indices {
            let kind = (values[row].bitPattern >> UInt64(shift)) >> rest
            scratch.stream[row] = UInt64(kinds.firstIndex(of: kind) ?? 0)
        }
        let codes = UnsafeBufferPointer(scratch.stream.first(values.count))
        var coder = IntegerStream.Coder.packed
        if pace.allowsEntropyCoding, let estimate = RANS.estimate(codes, scratch.rans),
            pace.isWorthwhile(estimate.bytes, insteadOf: IntegerBlocks.size(of: codes), rows: values.count)
        {
            coder = .rans
        }
        coder = IntegerStream.append(codes, coder, scratch: scratch, to: &out)
        out.set(coder.rawValue, at: start + 1)
        let mask: UInt64 = (1 << rest) - 1
        for row in values.indices { scratch.stream[row] = (values[row].bitPattern >> UInt64(shift)) & mask }
        IntegerBlocks.append(UnsafeBufferPointer(scratch.stream.first(values.count)), to: &out)
        return true
    }
}
