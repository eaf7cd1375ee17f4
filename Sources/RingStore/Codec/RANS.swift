/// Static range asymmetric numeral systems (Duda 2009; interleaved as in Giesen 2014): whole numbers at about the entropy
/// of their sizes.
///
/// Numbers are split into symbols and rest bits as `SymbolSplit` says. Four coders take turns, so that the processor works
/// on four symbols at a time; their frequencies add up to 2,048.
///
/// Bytes: `u8 k`; the frequencies, each a varint, a 0 followed by a varint of how many more zeros follow, up to the sum of
/// 2,048; varint count of 16-bit words; four 32-bit states; the words; the rest bits, one number's after the other's.
enum RANS {
    fileprivate static let tableBits: UInt32 = 11
    fileprivate static let tableSize = 1 << 11
    fileprivate static let lowest: UInt32 = 1 << 16
    /// Numbers of more bits are not coded in this way: what is left of 56 bits lies within one load.
    private static let widest = 56
    private static let mostSymbols = 256

    /// What coding `values` takes, within a percent or so; nil where it cannot be done.
    static func estimate(
        _ values: UnsafeBufferPointer<UInt64>, _ tables: RANSTables
    ) -> (split: SymbolSplit, bytes: Int)? {
        var all: UInt64 = 0
        for value in values { all |= value }
        guard values.count >= 16, all.leadingZeroBitCount >= 64 - widest else { return nil }
        // Small numbers of a long run are best told apart each.
        if all >= 16, all < 128, values.count >= 1024 { return estimate(values, .fine, tables).map { (.fine, $0) } }
        guard let coarse = estimate(values, .coarse, tables) else { return nil }
        if all >= 16, let fine = estimate(values, .fine, tables), fine < coarse { return (.fine, fine) }
        return (.coarse, coarse)
    }

    private static func estimate(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, _ tables: RANSTables
    ) -> Int? {
        let (symbols, restBits) = count(values, split, tables)
        var bits = Double(restBits)
        var tableBytes = 0
        let total = Double(values.count)
        for symbol in 0..<symbols {
            let count = Double(tables.counts[symbol])
            guard count > 0 else {
                if symbol == 0 || tables.counts[symbol - 1] > 0 { tableBytes += 2 }
                continue
            }
            let frequency = max(count / total, 1 / Double(tableSize))
            bits -= count * RANSTables.log2(frequency)
            tableBytes += frequency * Double(tableSize) >= 127.5 ? 2 : 1
        }
        return Int(bits / 8) + tableBytes + 21
    }

    /// Counts the symbols; returns one more than the highest, and how many rest bits there are.
    @discardableResult
    static func count(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, _ tables: RANSTables
    ) -> (symbols: Int, restBits: Int) {
        tables.counts.update(repeating: 0)
        var restBits = 0
        for value in values {
            let (symbol, rest) = split.symbol(value)
            tables.counts[symbol & 0xff] &+= 1
            restBits &+= rest
        }
        var symbols = mostSymbols
        while symbols > 0, tables.counts[symbols - 1] == 0 { symbols -= 1 }
        return (symbols, restBits)
    }

    /// Numbers of at most 56 bits, at least one of them.
    static func append(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, _ tables: RANSTables, to out: inout ByteWriter
    ) {
        let (symbols, restBits) = count(values, split, tables)
        tables.normalize(symbols: symbols, total: values.count)
        out.append(UInt8(split.direct))
        appendFrequencies(tables, symbols, to: &out)
        // Backwards, so that reading goes forwards.
        tables.states.update(repeating: lowest)
        var words = tables.words.count
        for index in stride(from: values.count - 1, through: 0, by: -1) {
            let symbol = split.symbol(values[index]).symbol & 0xff
            let frequency = tables.frequencies[symbol]
            var state = tables.states[index & 3]
            if UInt64(state) >= UInt64(frequency) << UInt64(32 - tableBits) {
                words -= 1
                tables.words[words] = UInt16(truncatingIfNeeded: state)
                state >>= 16
            }
            let (quotient, remainder) = state.quotientAndRemainder(dividingBy: frequency)
            tables.states[index & 3] = (quotient << tableBits) + remainder + tables.starts[symbol]
        }
        out.appendVarint(UInt64(tables.words.count - words))
        for lane in 0..<4 { out.append(tables.states[lane]) }
        for index in words..<tables.words.count { out.append(tables.words[index]) }
        appendRest(values, split, bits: restBits, to: &out)
    }

    private static func appendFrequencies(_ tables: RANSTables, _ symbols: Int, to out: inout ByteWriter) {
        var symbol = 0
        while symbol < symbols {
            let frequency = tables.frequencies[symbol]
            out.appendVarint(UInt64(frequency))
            symbol += 1
            guard frequency == 0 else { continue }
            let first = symbol
            while symbol < symbols, tables.frequencies[symbol] == 0 { symbol += 1 }
            out.appendVarint(UInt64(symbol - first))
        }
    }

    private static func appendRest(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, bits: Int, to out: inout ByteWriter
    ) {
        guard bits > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        for value in values {
            let bits = split.symbol(value).restBits
            guard bits > 0 else { continue }
            let rest = value & ((1 << UInt64(bits)) - 1)
            word |= rest << UInt64(filled)
            filled += bits
            if filled >= 64 {
                out.append(word)
                filled -= 64
                word = filled == 0 ? 0 : rest >> UInt64(bits - filled)
            }
        }
        while filled > 0 {
            out.append(UInt8(truncatingIfNeeded: word))
            word >>= 8
            filled -= 8
        }
    }

    /// Reads `out.count` numbers, at most `Chunk.mostRows`.
    static func decode(
        _ reader: inout ByteReader, scratch: ColumnScratch, into out: UnsafeMutableBufferPointer<UInt64>
    ) throws(DamagedBytes) {
        guard out.count <= scratch.symbols.count, let split = SymbolSplit(direct: Int(try reader.integer(UInt8.self)))
        else {
            throw DamagedBytes("symbols")
        }
        let tables = scratch.rans
        let symbols = try readFrequencies(&reader, tables)
        let count = try reader.count(leastBytes: 2)
        var states = SIMD4<UInt32>()
        for lane in 0..<4 { states[lane] = try reader.integer(UInt32.self) }
        let words = try reader.slice(2 * count)
        try decodeSymbols(words, states, tables, into: scratch.symbols.first(out.count))
        guard symbols > 1 << split.direct else {
            // Each number is its own symbol.
            for index in out.indices { out[index] = UInt64(scratch.symbols[index]) }
            return
        }
        for symbol in 0..<symbols {
            guard let meaning = split.meaning(symbol, widest: widest) else { throw DamagedBytes("symbol") }
            tables.restBits[symbol] = UInt8(meaning.restBits)
            tables.bases[symbol] = meaning.base
        }
        // How much of this is theirs is known when all are read: beyond it there are zeros, or other columns' bytes.
        var ahead = reader
        let rest = try ahead.slice(ahead.remaining)
        var bit = 0
        for index in out.indices {
            let symbol = Int(scratch.symbols[index])
            let width = UInt64(tables.restBits[symbol])
            out[index] = tables.bases[symbol] + (BitPacking.bits(of: rest, at: bit) & ((1 &<< width) &- 1))
            bit &+= Int(width)
        }
        _ = try reader.slice((bit + 7) / 8)
    }

    /// Fills the table of slots. Returns how many symbols there are.
    private static func readFrequencies(
        _ reader: inout ByteReader, _ tables: RANSTables
    ) throws(DamagedBytes) -> Int {
        var symbol = 0
        var start = 0
        while start < tableSize {
            let frequency = try reader.varint()
            guard symbol < mostSymbols, frequency <= UInt64(tableSize - start) else { throw DamagedBytes("frequency") }
            if frequency == 0 {
                let more = try reader.varint()
                guard more < UInt64(mostSymbols) else { throw DamagedBytes("frequency") }
                symbol += 1 + Int(more)
                continue
            }
            // Nothing in the loop may trap, so that it works on several slots at a time.
            let first = UInt32(symbol) << 24 | UInt32(frequency - 1) << 12
            let slots = UnsafeMutableBufferPointer(rebasing: tables.slots[start..<(start + Int(frequency))])
            for slot in slots.indices { slots[slot] = first | UInt32(truncatingIfNeeded: slot) }
            start += Int(frequency)
            symbol += 1
        }
        guard symbol <= mostSymbols else { throw DamagedBytes("frequency") }
        return symbol
    }

    @inline(__always)
    private static func step(_ state: inout UInt32, _ slots: UnsafeMutablePointer<UInt32>) -> UInt32 {
        let slot = slots[Int(state & UInt32(tableSize - 1))]
        state = ((slot >> 12 & 0xfff) &+ 1) &* (state >> tableBits) &+ (slot & 0xfff)
        return slot >> 24
    }

    /// Gives a state that is too low the next of `words`, of which the first is in the low bits; adds the bits that it took
    /// to `taken`. Without a branch: which states are too low cannot be predicted.
    @inline(__always)
    private static func refill(_ state: inout UInt32, _ words: inout UInt64, _ taken: inout Int) {
        // All ones if it is too low.
        let isLow = (Int64(state) &- Int64(lowest)) >> 63
        let shift = isLow & 16
        state =
            state &<< UInt32(truncatingIfNeeded: shift)
            | UInt32(truncatingIfNeeded: Int64(bitPattern: words) & isLow & 0xffff)
        words = words &>> UInt64(bitPattern: shift)
        taken &+= Int(shift)
    }

    private static func decodeSymbols(
        _ words: UnsafeRawBufferPointer, _ states: SIMD4<UInt32>, _ tables: RANSTables,
        into out: UnsafeMutableBufferPointer<UInt8>
    ) throws(DamagedBytes) {
        guard let slots = tables.slots.baseAddress, let target = UnsafeMutableRawPointer(out.baseAddress) else {
            throw DamagedBytes("symbols")
        }
        var (first, second, third, fourth) = (states[0], states[1], states[2], states[3])
        var offset = 0
        var index = 0
        while index &+ 4 <= out.count, offset &+ 8 <= words.count {
            // As many as four states can ask for.
            var next = UInt64(littleEndian: words.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let symbols =
                step(&first, slots) | step(&second, slots) &<< 8 | step(&third, slots) &<< 16
                | step(&fourth, slots) &<< 24
            target.storeBytes(of: symbols.littleEndian, toByteOffset: index, as: UInt32.self)
            var taken = 0
            refill(&first, &next, &taken)
            refill(&second, &next, &taken)
            refill(&third, &next, &taken)
            refill(&fourth, &next, &taken)
            offset &+= taken &>> 3
            index &+= 4
        }
        // The last ones, with an eye on the end of the words.
        var rest = SIMD4(first, second, third, fourth)
        while index < out.count {
            var state = rest[index & 3]
            out[index] = UInt8(truncatingIfNeeded: step(&state, slots))
            if state < lowest {
                guard offset + 2 <= words.count else { throw DamagedBytes("too short") }
                let word = words.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
                state = state << 16 | UInt32(UInt16(littleEndian: word))
                offset += 2
            }
            rest[index & 3] = state
            index += 1
        }
    }
}

/// Working memory of `RANS`.
final class RANSTables {
    let counts = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 256)
    fileprivate let frequencies = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 256)
    fileprivate let starts = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 256)
    /// For each of the 2,048 slots: symbol, frequency − 1, place within the symbol's slots.
    fileprivate let slots = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: RANS.tableSize)
    fileprivate let restBits = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)
    fileprivate let bases = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 256)
    fileprivate let states = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 4)
    /// Filled from the end: one word a number at most.
    fileprivate let words = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: Chunk.mostRows + 4)

    init() {
        counts.initialize(repeating: 0)
        frequencies.initialize(repeating: 0)
        starts.initialize(repeating: 0)
        slots.initialize(repeating: 0)
        restBits.initialize(repeating: 0)
        bases.initialize(repeating: 0)
        words.initialize(repeating: 0)
        states.initialize(repeating: 0)
    }

    deinit {
        counts.deallocate()
        frequencies.deallocate()
        starts.deallocate()
        slots.deallocate()
        restBits.deallocate()
        bases.deallocate()
        words.deallocate()
        states.deallocate()
    }

    /// The base-2 logarithm, to about 0.01: enough to compare sizes.
    @inline(__always)
    static func log2(_ value: Double) -> Double {
        let bits = value.bitPattern
        let exponent = Double(Int(bits >> 52) - 1023)
        let mantissa = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
        return exponent + (-0.33582878 * mantissa + 2) * mantissa - 1.65871022
    }

    /// Frequencies that add up to 2,048, as close to the counts as whole numbers above 0 can be.
    fileprivate func normalize(symbols: Int, total: Int) {
        frequencies.update(repeating: 0)
        var sum = 0
        for symbol in 0..<symbols where counts[symbol] > 0 {
            let share = (Int(counts[symbol]) * RANS.tableSize + total / 2) / total
            frequencies[symbol] = UInt32(max(share, 1))
            sum += max(share, 1)
        }
        // The excess, or what is missing, goes to the largest, where it matters least.
        while sum != RANS.tableSize {
            var largest = 0
            for symbol in 0..<symbols where frequencies[symbol] > frequencies[largest] { largest = symbol }
            let most = Int(frequencies[largest])
            let change = max(min(RANS.tableSize - sum, max(most / 8, 1)), -max(most / 8, 1))
            frequencies[largest] = UInt32(most + change)
            sum += change
        }
        var start: UInt32 = 0
        for symbol in 0..<symbols {
            starts[symbol] = start
            start += frequencies[symbol]
        }
    }
}
