extension PrefixTables {
    /// Reads the length of each symbol's code, and brings the symbols into the order of the codes.
    func readLengths(_ reader: inout ByteReader) throws(DamagedBytes) {
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

    func fillSymbolEntries(_ split: SymbolSplit) throws(DamagedBytes) {
        guard symbols <= 1 << split.direct else { throw DamagedBytes("symbols") }
        try fill(symbolEntries) { (symbol, length, _) throws(DamagedBytes) in
            UInt16(truncatingIfNeeded: symbol << 8 | length)
        }
    }

    /// Returns the most bits that code and rest of a number take.
    func fillNumberEntries(_ split: SymbolSplit) throws(DamagedBytes) -> Int {
        var longest = 0
        try fill(numberEntries) { (symbol, length, code) throws(DamagedBytes) in
            guard let meaning = split.meaning(symbol, widest: PrefixCode.widest) else { throw DamagedBytes("symbol") }
            let bits = length + meaning.restBits
            longest = max(longest, bits)
            let addend = Int64(bitPattern: meaning.base) &- Int64(code) &<< Int64(meaning.restBits)
            return addend &<< 8 | Int64(bits)
        }
        return longest
    }

    /// Copies the lanes and sets `positions` to where each begins. Returns where each must end, in bytes.
    func readLanes(_ reader: inout ByteReader, perLane: Int) throws(DamagedBytes) -> SIMD8<Int> {
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
    func decodeSymbols(perLane: Int, into out: UnsafeMutableBufferPointer<UInt8>) {
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
    func decodeShortNumbers(perLane: Int, into out: UnsafeMutableBufferPointer<Int32>) {
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
    func decodeNumbers(perLane: Int, into out: UnsafeMutableBufferPointer<UInt64>) {
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
