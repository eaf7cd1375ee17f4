/// Working memory of `PrefixCode`.
final class PrefixTables {
    private static let mostSymbols = 256
    private static let mostLaneBytes = PrefixCode.mostBytes(perLane: Chunk.mostRows / Lanes.count)

    let lengths = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: mostSymbols)
    let codes = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: mostSymbols)
    var symbols = 0
    /// The symbols that have a code, in the order of the codes.
    let order = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: mostSymbols)
    /// How many symbols have a code of each length.
    let symbolsOfLength = UnsafeMutableBufferPointer<Int>.allocate(capacity: 16)
    /// For each way that the next 10 bits can be: symbol << 8 | length of its code.
    let symbolEntries = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: entryCapacity)
    /// The same for whole numbers: what to add to code and rest bits, taken as one number, for the number << 8 | how many
    /// bits these are.
    let numberEntries = UnsafeMutableBufferPointer<Int64>.allocate(capacity: entryCapacity)
    private static let entryCapacity = PrefixCode.tableSize + entriesAtOnce
    static let entriesAtOnce = 8
    /// The bits of `lanes` that each lane begins with next.
    let positions = UnsafeMutableBufferPointer<Int>.allocate(capacity: Lanes.count)
    /// A copy of the lanes, behind which there is as much room as a forged one could read.
    let lanes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: (Lanes.count + 1) * mostLaneBytes + 16, alignment: 16)
    var body = ByteWriter()
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
    func measure(
        _ values: UnsafeBufferPointer<UInt64>, _ split: SymbolSplit, _ tables: RANSTables
    ) -> (codes: Int, table: Int, hasRest: Bool)? {
        var all: UInt64 = 0
        for value in values { all |= value }
        guard 64 - all.leadingZeroBitCount <= PrefixCode.widest else { return nil }
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

    func makeCodes() {
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

    func appendLengths(to out: inout ByteWriter) {
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
}
