/// Prefix codes (Huffman 1952) of at most 10 bits, in eight streams, one for each of the `Lanes`: a percent larger than
/// `RANS`, and read three times as fast, since one look into a table gives a symbol, and no symbol waits for those of other
/// lanes.
///
/// Bytes: `u8` k of `SymbolSplit`, with bit 7 set if all numbers are symbols alone and the column's own numbers lie below
/// 2^22; `u8` symbols − 1; for each symbol the length of its code in four bits, the low half of a byte first, where a 0 is followed by how many
/// more zeros come; for each lane a varint of its bytes; the lanes. A lane's bits begin with the highest of its
/// first byte: a code, then the rest bits that belong to the symbol. Codes are canonical: shorter ones before longer ones, among
/// equals by symbol.
enum PrefixCode {
    static let longestCode = 10
    static let tableSize = 1 << longestCode
    /// Code and rest bits of a number together lie within one load, wherever it begins.
    static let widest = 46
    private static let mostNumberBits = 57
    /// Two numbers of so many bits lie within one load.
    private static let shortNumberBits = 28
    private static let isNarrowBit: UInt8 = 0x80
    /// Numbers of a column, after the predictor, that eight-lane arithmetic of 32 bits can hold.
    static let narrowLimit: UInt64 = 1 << 22

    // MARK: Writing

    /// Whether reading faster is worth what it may take more than rANS: 5 %.
    static func isWorthwhile(_ bytes: Int, insteadOf rans: Int) -> Bool { 20 * bytes <= 21 * rans }

    /// Bytes that coding `values` takes, about as `RANS.estimate` says it for the other coder; nil where it cannot be done.
    static func estimate(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, scratch: ColumnScratch
    ) -> Int? {
        guard values.count >= Lanes.leastRows, let bits = scratch.prefix.measure(values, split, scratch.rans) else {
            return nil
        }
        // Half a byte is lost at the end of each lane, and each has a length of two bytes.
        return bits.codes / 8 + bits.table / 8 + 2 + Lanes.count / 2 + 2 * Lanes.count
    }

    /// Writes eight lanes of `perLane` numbers each, one lane after the other in `values`. False, with nothing written, where it
    /// cannot be done.
    ///
    /// - Parameter isNarrow: whether the column's own numbers lie below `narrowLimit`.
    static func append(
        _ values: UnsafeBufferPointer<UInt64>, perLane: Int, isNarrow: Bool, scratch: ColumnScratch,
        to out: inout ByteWriter
    ) -> Bool {
        precondition(values.count == Lanes.count * perLane)
        guard let split = RANS.estimate(values, scratch.rans)?.split else { return false }
        let tables = scratch.prefix
        guard let bits = tables.measure(values, split, scratch.rans) else { return false }
        tables.makeCodes()
        out.append(UInt8(split.direct) | (isNarrow && !bits.hasRest ? isNarrowBit : 0))
        tables.appendLengths(to: &out)
        tables.body.removeAll()
        for lane in 0..<Lanes.count {
            let start = tables.body.count
            var word: UInt64 = 0
            var filled = 0
            func put(_ bits: UInt64, _ count: Int) {
                // From the top; at most 7 bits stand there already, and no number has more than 57.
                word |= bits << UInt64(64 - filled - count)
                filled += count
                while filled >= 8 {
                    tables.body.append(UInt8(word >> 56))
                    word <<= 8
                    filled -= 8
                }
            }
            for value in values[(lane * perLane)..<((lane + 1) * perLane)] {
                let (symbol, rest) = split.symbol(value)
                let code = tables.codes[symbol & 0xff]
                let length = Int(tables.lengths[symbol & 0xff])
                put(UInt64(code) << UInt64(rest) | value & ((1 << UInt64(rest)) - 1), length + rest)
            }
            if filled > 0 { tables.body.append(UInt8(word >> 56)) }
            out.appendVarint(UInt64(tables.body.count - start))
        }
        out.append(tables.body.bytes)
        return true
    }

    // MARK: Reading

    /// How numbers were left in the scratch memory.
    enum Layout {
        /// In `symbols`, a byte each: the first number of each lane, then the second of each.
        case symbols
        /// In `narrow`, in the same order.
        case narrow
        /// In `stream`, one lane after the other.
        case wide
    }

    /// Reads eight lanes of `perLane` numbers, at most `Chunk.mostRows` in all.
    ///
    /// - Parameter prefersNarrow: whether numbers that are short enough shall be left in `narrow`, not in `stream`.
    static func decode(
        _ reader: inout ByteReader, perLane: Int, prefersNarrow: Bool = false, scratch: ColumnScratch
    ) throws(DamagedBytes) -> Layout {
        guard perLane > 0, perLane * Lanes.count <= Chunk.mostRows else { throw DamagedBytes("lanes") }
        let form = try reader.integer(UInt8.self)
        guard let split = SymbolSplit(direct: Int(form & ~isNarrowBit)) else { throw DamagedBytes("symbols") }
        let tables = scratch.prefix
        try tables.readLengths(&reader)
        let layout: Layout
        if form & isNarrowBit != 0 {
            layout = .symbols
            try tables.fillSymbolEntries(split)
        } else {
            let longest = try tables.fillNumberEntries(split)
            layout = prefersNarrow && longest <= shortNumberBits ? .narrow : .wide
        }
        let ends = try tables.readLanes(&reader, perLane: perLane)
        switch layout {
        case .symbols: tables.decodeSymbols(perLane: perLane, into: scratch.symbols)
        case .narrow: tables.decodeShortNumbers(perLane: perLane, into: scratch.narrow)
        case .wide: tables.decodeNumbers(perLane: perLane, into: scratch.stream)
        }
        for lane in 0..<Lanes.count where (tables.positions[lane] + 7) / 8 != ends[lane] {
            throw DamagedBytes("lane")
        }
        return layout
    }

    /// No lane of `perLane` numbers reads further behind its beginning.
    static func mostBytes(perLane: Int) -> Int { (perLane * mostNumberBits + 7) / 8 }
}
