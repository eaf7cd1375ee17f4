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
    fileprivate static let longestCode = 10
    fileprivate static let tableSize = 1 << longestCode
    /// Code and rest bits of a number together lie within one load, wherever it begins.
    private static let widest = 46
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
    fileprivate static func mostBytes(perLane: Int) -> Int { (perLane * mostNumberBits + 7) / 8 }
    fileprivate static func canCode(bits: Int) -> Bool { bits <= widest }
    fileprivate static func meaning(_ symbol: Int, _ split: SymbolSplit) -> (restBits: Int, base: UInt64)? {
        split.meaning(symbol, widest: widest)
    }
}

/// Working memory of `PrefixCode`.
final class PrefixTables {
    private static let mostSymbols = 256
    private static let mostLaneBytes = PrefixCode.mostBytes(perLane: Chunk.mostRows / Lanes.count)

    fileprivate let lengths = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: mostSymbols)
    fileprivate let codes = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: mostSymbols)
    private var symbols = 0
    /// The symbols that have a code, in the order of the codes, and how many have one of each length.
    private let order = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: mostSymbols)
    private let symbolsOfLength = UnsafeMutableBufferPointer<Int>.allocate(capacity: 16)
    /// For each way that the next 10 bits can be: symbol << 8 | length of its code.
    private let symbolEntries = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: entryCapacity)
    /// The same for whole numbers: what to add to code and rest bits, taken as one number, for the number << 8 | how many
    /// bits these are.
    private let numberEntries = UnsafeMutableBufferPointer<Int64>.allocate(capacity: entryCapacity)
    private static let entryCapacity = PrefixCode.tableSize + entriesAtOnce
    private static let entriesAtOnce = 8
    /// The bits of `lanes` that each lane begins with next.
    fileprivate let positions = UnsafeMutableBufferPointer<Int>.allocate(capacity: Lanes.count)
    /// A copy of the lanes, behind which there is as much room as a forged one could read.
    private let lanes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: (Lanes.count + 1) * mostLaneBytes + 16, alignment: 16)
    fileprivate var body = ByteWriter()
    /// The nodes of a code's tree: first those with a symbol, ascending by weight, then those above them.
    private var tree: [(weight: UInt32, symbol: Int, parent: Int)] = []

    init() {
        lengths.initialize(repeating: 0)
        codes.initialize(repeating: 0)
        order.initialize(repeating: 0)
        symbolsOfLength.initialize(repeating: 0)
        symbolEntries.initialize(repeating: 0)
        numberEntries.initialize(repeating: 0)
        positions.initialize(repeating: 0)
        _ = lanes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        lengths.deallocate()
        codes.deallocate()
        order.deallocate()
        symbolsOfLength.deallocate()
        symbolEntries.deallocate()
        numberEntries.deallocate()
        positions.deallocate()
        lanes.deallocate()
    }

    // MARK: Making a code

    /// Finds the lengths of the codes for `values`. Returns the bits of all codes and rests, and of the table of lengths; nil
    /// where there is no code.
    fileprivate func measure(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, _ tables: RANSTables
    ) -> (codes: Int, table: Int, hasRest: Bool)? {
        var all: UInt64 = 0
        for value in values { all |= value }
        guard PrefixCode.canCode(bits: 64 - all.leadingZeroBitCount) else { return nil }
        let (symbols, restBits) = RANS.count(values, split, tables)
        self.symbols = symbols
        guard makeLengths(UnsafeBufferPointer(tables.counts)) else { return nil }
        var bits = restBits
        for symbol in 0..<symbols { bits += Int(tables.counts[symbol]) * Int(lengths[symbol]) }
        var table = 8
        forEachNibble { _ in table += 4 }
        return (bits, table, symbols > 1 << split.direct)
    }

    /// Huffman's algorithm: the two lightest nodes get a parent, until one is left. Symbols ascend by weight, and parents
    /// come into being in that order, too, so that the lightest is always at the front of one of the two.
    private func makeLengths(_ counts: UnsafeBufferPointer<UInt32>) -> Bool {
        lengths.update(repeating: 0)
        tree.removeAll(keepingCapacity: true)
        for symbol in 0..<symbols where counts[symbol] > 0 { tree.append((counts[symbol], symbol, 0)) }
        let leaves = tree.count
        // One symbol alone needs no bits, and no coder.
        guard leaves >= 2 else { return false }
        tree.sort { ($0.weight, $0.symbol) < ($1.weight, $1.symbol) }
        var leaf = 0
        var inner = leaves
        for parent in leaves..<(2 * leaves - 1) {
            var weight: UInt32 = 0
            for _ in 0..<2 {
                let takesLeaf = leaf < leaves && (inner == parent || tree[leaf].weight <= tree[inner].weight)
                let child = takesLeaf ? leaf : inner
                if takesLeaf { leaf += 1 } else { inner += 1 }
                weight += tree[child].weight
                tree[child].parent = parent
            }
            tree.append((weight, 0, 0))
        }
        // From the root down, the weight is no longer needed: it holds the depth.
        tree[2 * leaves - 2].weight = 0
        for node in stride(from: 2 * leaves - 3, through: 0, by: -1) {
            tree[node].weight = tree[tree[node].parent].weight + 1
        }
        return limitLengths(leaves)
    }

    /// Cuts the codes that are too long, and makes others longer until there is room for all again; then shorter where that
    /// leaves room.
    private func limitLengths(_ leaves: Int) -> Bool {
        let longest = PrefixCode.longestCode
        var used = 0
        for node in 0..<leaves {
            let length = min(Int(tree[node].weight), longest)
            lengths[tree[node].symbol] = UInt8(length)
            used += 1 << (longest - length)
        }
        while used > PrefixCode.tableSize {
            // The longest that may become longer; of those, the rarest.
            var chosen: Int?
            for node in 0..<leaves {
                let length = Int(lengths[tree[node].symbol])
                guard length < longest else { continue }
                if let best = chosen, Int(lengths[tree[best].symbol]) >= length { continue }
                chosen = node
            }
            guard let chosen else { return false }
            let symbol = tree[chosen].symbol
            lengths[symbol] += 1
            used -= 1 << (longest - Int(lengths[symbol]))
        }
        for node in stride(from: leaves - 1, through: 0, by: -1) {
            let symbol = tree[node].symbol
            while used < PrefixCode.tableSize, lengths[symbol] > 1,
                used + 1 << (longest - Int(lengths[symbol])) <= PrefixCode.tableSize
            {
                used += 1 << (longest - Int(lengths[symbol]))
                lengths[symbol] -= 1
            }
        }
        return used == PrefixCode.tableSize
    }

    fileprivate func makeCodes() {
        var code: UInt32 = 0
        for length in 1...PrefixCode.longestCode {
            for symbol in 0..<symbols where Int(lengths[symbol]) == length {
                codes[symbol] = UInt16(truncatingIfNeeded: code)
                code += 1
            }
            code <<= 1
        }
    }

    private func forEachNibble(_ body: (UInt8) -> Void) {
        var symbol = 0
        while symbol < symbols {
            body(lengths[symbol])
            guard lengths[symbol] == 0 else {
                symbol += 1
                continue
            }
            var more: UInt8 = 0
            while more < 15, symbol + 1 + Int(more) < symbols, lengths[symbol + 1 + Int(more)] == 0 { more += 1 }
            body(more)
            symbol += 1 + Int(more)
        }
    }

    fileprivate func appendLengths(to out: inout ByteWriter) {
        var half: UInt8?
        var bytes: [UInt8] = [UInt8(truncatingIfNeeded: symbols - 1)]
        forEachNibble { nibble in
            if let low = half {
                bytes.append(low | nibble << 4)
                half = nil
            } else {
                half = nibble
            }
        }
        if let half { bytes.append(half) }
        out.append(bytes)
    }

    // MARK: Reading

    /// Reads the length of each symbol's code, and brings the symbols into the order of the codes.
    fileprivate func readLengths(_ reader: inout ByteReader) throws(DamagedBytes) {
        symbols = Int(try reader.integer(UInt8.self)) + 1
        lengths.update(repeating: 0)
        var symbol = 0
        var isZero = false
        while symbol < symbols {
            let byte = try reader.integer(UInt8.self)
            for nibble in [byte & 15, byte >> 4] {
                if isZero {
                    symbol += Int(nibble)
                    isZero = false
                } else if symbol < symbols {
                    lengths[symbol] = nibble
                    isZero = nibble == 0
                    symbol += 1
                }
            }
        }
        guard symbol == symbols, !isZero else { throw DamagedBytes("code lengths") }
        try orderSymbols()
    }

    private func orderSymbols() throws(DamagedBytes) {
        symbolsOfLength.update(repeating: 0)
        for symbol in 0..<symbols { symbolsOfLength[Int(lengths[symbol] & 15)] += 1 }
        var used = 0
        var before = 0
        // From here on until the end of the next loop: where those of each length begin in the order.
        for length in 1..<symbolsOfLength.count {
            let count = symbolsOfLength[length]
            guard length <= PrefixCode.longestCode || count == 0 else { throw DamagedBytes("code lengths") }
            used += count << max(PrefixCode.longestCode - length, 0)
            symbolsOfLength[length] = before
            before += count
        }
        guard used == PrefixCode.tableSize else { throw DamagedBytes("code lengths") }
        for symbol in 0..<symbols where lengths[symbol] > 0 {
            let length = Int(lengths[symbol] & 15)
            order[symbolsOfLength[length]] = UInt8(truncatingIfNeeded: symbol)
            symbolsOfLength[length] += 1
        }
        // Now where they end.
        for length in stride(from: symbolsOfLength.count - 1, to: 1, by: -1) {
            symbolsOfLength[length] -= symbolsOfLength[length - 1]
        }
    }

    /// Fills `table` in the order of the codes. Several entries are written at once, and those too many over again by the
    /// next code's: most codes are long and have an entry or two, which no processor could foresee.
    @inline(__always)
    private func fill<Entry: SIMDScalar>(
        _ table: UnsafeMutableBufferPointer<Entry>,
        _ entry: (_ symbol: Int, _ length: Int, _ code: Int) throws(DamagedBytes) -> Entry
    ) throws(DamagedBytes) {
        guard let target = UnsafeMutableRawPointer(table.baseAddress) else { return }
        var slot = 0
        var index = 0
        for length in 1...PrefixCode.longestCode {
            let unused = PrefixCode.longestCode - length
            for _ in 0..<symbolsOfLength[length] {
                let entries = SIMD8<Entry>(
                    repeating: try entry(Int(order[index]), length, slot >> unused))
                index += 1
                let end = slot + 1 << unused
                var next = slot
                repeat {
                    target.storeBytes(
                        of: entries, toByteOffset: next &* MemoryLayout<Entry>.stride, as: SIMD8<Entry>.self)
                    next += PrefixTables.entriesAtOnce
                } while next < end
                slot = end
            }
        }
    }

    fileprivate func fillSymbolEntries(_ split: SymbolSplit) throws(DamagedBytes) {
        guard symbols <= 1 << split.direct else { throw DamagedBytes("symbols") }
        try fill(symbolEntries) { (symbol, length, _) throws(DamagedBytes) in
            UInt16(truncatingIfNeeded: symbol << 8 | length)
        }
    }

    /// Returns the most bits that code and rest of a number take.
    fileprivate func fillNumberEntries(_ split: SymbolSplit) throws(DamagedBytes) -> Int {
        var longest = 0
        try fill(numberEntries) { (symbol, length, code) throws(DamagedBytes) in
            guard let meaning = PrefixCode.meaning(symbol, split) else { throw DamagedBytes("symbol") }
            let bits = length + meaning.restBits
            longest = max(longest, bits)
            let addend = Int64(bitPattern: meaning.base) &- Int64(code) &<< Int64(meaning.restBits)
            return addend &<< 8 | Int64(bits)
        }
        return longest
    }

    /// Copies the lanes and sets `positions` to where each begins. Returns where each must end, in bytes.
    fileprivate func readLanes(_ reader: inout ByteReader, perLane: Int) throws(DamagedBytes) -> SIMD8<Int> {
        let most = PrefixCode.mostBytes(perLane: perLane)
        var ends = SIMD8<Int>()
        var total = 0
        for lane in 0..<Lanes.count {
            let bytes = try reader.varint()
            guard bytes <= UInt64(most) else { throw DamagedBytes("lane") }
            positions[lane] = 8 * total
            total += Int(bytes)
            ends[lane] = total
        }
        // At most eight of nine times `most`: behind them there is room for what a lane could read beyond its end.
        lanes.copyMemory(from: try reader.slice(total))
        return ends
    }

    /// The next bits of a lane from the top down, 57 of them at least.
    @inline(__always)
    private static func word(_ bytes: UnsafeRawPointer, _ bit: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)) &<< UInt64(bit & 7)
    }

    /// One byte a number: the first of each lane, then the second of each.
    fileprivate func decodeSymbols(perLane: Int, into out: UnsafeMutableBufferPointer<UInt8>) {
        guard let bytes = UnsafeRawPointer(lanes.baseAddress), let entries = symbolEntries.baseAddress,
            let positions = positions.baseAddress, let out = out.baseAddress
        else { return }
        let top = UInt64(64 - PrefixCode.longestCode)
        @inline(__always)
        func next(_ word: inout UInt64) -> Int {
            let entry = Int(entries[Int(truncatingIfNeeded: word &>> top)])
            // The symbol above the length has no effect: shifts look at six bits.
            word = word &<< UInt64(truncatingIfNeeded: entry)
            return entry
        }
        var row = 0
        while row &+ 5 <= perLane {
            for lane in 0..<Lanes.count {
                let bit = positions[lane]
                var word = PrefixTables.word(bytes, bit)
                let (first, second, third) = (next(&word), next(&word), next(&word))
                let (fourth, fifth) = (next(&word), next(&word))
                let place = out + (row &* Lanes.count &+ lane)
                place[0] = UInt8(truncatingIfNeeded: first &>> 8)
                place[Lanes.count] = UInt8(truncatingIfNeeded: second &>> 8)
                place[2 * Lanes.count] = UInt8(truncatingIfNeeded: third &>> 8)
                place[3 * Lanes.count] = UInt8(truncatingIfNeeded: fourth &>> 8)
                place[4 * Lanes.count] = UInt8(truncatingIfNeeded: fifth &>> 8)
                // Five lengths are 50 at most, which the symbols above leave alone.
                positions[lane] = bit &+ ((first &+ second &+ third &+ fourth &+ fifth) & 0xff)
            }
            row &+= 5
        }
        while row < perLane {
            for lane in 0..<Lanes.count {
                var word = PrefixTables.word(bytes, positions[lane])
                let entry = next(&word)
                out[row &* Lanes.count &+ lane] = UInt8(truncatingIfNeeded: entry &>> 8)
                positions[lane] &+= entry & 0xff
            }
            row &+= 1
        }
    }

    /// The number that `word` begins with, which loses its bits; `bits` grows by how many they are.
    @inline(__always)
    private static func number(
        _ word: inout UInt64, _ bits: inout Int, _ entries: UnsafePointer<Int64>
    ) -> Int64 {
        let entry = entries[Int(truncatingIfNeeded: word &>> UInt64(64 - PrefixCode.longestCode))]
        let count = UInt64(truncatingIfNeeded: entry) & 0x3f
        let number = Int64(bitPattern: word &>> (64 &- count)) &+ (entry &>> 8)
        word = word &<< count
        bits &+= Int(truncatingIfNeeded: count)
        return number
    }

    /// Numbers of which two lie within one load: the first of each lane, then the second of each.
    fileprivate func decodeShortNumbers(perLane: Int, into out: UnsafeMutableBufferPointer<Int32>) {
        guard let bytes = UnsafeRawPointer(lanes.baseAddress), let numbers = numberEntries.baseAddress,
            let positions = positions.baseAddress, let out = out.baseAddress
        else { return }
        let entries = UnsafePointer(numbers)
        var row = 0
        while row &+ 2 <= perLane {
            for lane in 0..<Lanes.count {
                var bit = positions[lane]
                var word = PrefixTables.word(bytes, bit)
                let place = out + (row &* Lanes.count &+ lane)
                place[0] = Int32(truncatingIfNeeded: PrefixTables.number(&word, &bit, entries))
                place[Lanes.count] = Int32(truncatingIfNeeded: PrefixTables.number(&word, &bit, entries))
                positions[lane] = bit
            }
            row &+= 2
        }
        guard row < perLane else { return }
        for lane in 0..<Lanes.count {
            var word = PrefixTables.word(bytes, positions[lane])
            out[row &* Lanes.count &+ lane] = Int32(
                truncatingIfNeeded: PrefixTables.number(&word, &positions[lane], entries))
        }
    }

    /// One lane after the other.
    fileprivate func decodeNumbers(perLane: Int, into out: UnsafeMutableBufferPointer<UInt64>) {
        guard let bytes = UnsafeRawPointer(lanes.baseAddress), let numbers = numberEntries.baseAddress,
            let positions = positions.baseAddress, let out = out.baseAddress
        else { return }
        for row in 0..<perLane {
            for lane in 0..<Lanes.count {
                var word = PrefixTables.word(bytes, positions[lane])
                out[lane &* perLane &+ row] = UInt64(
                    bitPattern: PrefixTables.number(&word, &positions[lane], UnsafePointer(numbers)))
            }
        }
    }
}
