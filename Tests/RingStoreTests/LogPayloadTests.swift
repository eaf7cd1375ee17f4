import Readings
import TestSupport
import Testing

@testable import RingStore

@Suite struct AFrameSaysWhatThePortionHeld {
    @Test func numbersOfEveryWidth() throws {
        for width in 0...64 {
            for count in [1, 2, 7, 8, 63, 64, 65, 300] {
                var random = SeededGenerator(seed: UInt64(width * 1000 + count))
                let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) - 1
                let numbers = (0..<count).map { _ in random.next() & mask }
                var out = ByteWriter()
                let used = PackedRun.width(of: numbers.reduce(0, |))
                numbers.withUnsafeBufferPointer { PackedRun.append($0, width: used, to: &out) }
                #expect(out.count == PackedRun.bytes(count: count, width: used), "width \(width), count \(count)")
                out.appendZeros(ReadingsPayload.slack)
                var decoded = [UInt64](repeating: 7, count: count)
                var reader = ByteReader(out.bytes)
                try decoded.withUnsafeMutableBufferPointer { try PackedRun.decode(&reader, width: used, into: $0) }
                #expect(decoded == numbers, "width \(width), count \(count)")
                #expect(reader.remaining == ReadingsPayload.slack)
            }
        }
    }

    /// Rows of shapes, of single series and late ones, mixed, with plain and with strange values, taken back in part: what
    /// is read is each group's rows in their order.
    @Test(arguments: Array(1...20) as [UInt64]) func rowsAndIdentities(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var portion = Portion()
        for _ in 0..<12 { portion.through.append(.min) }
        for _ in 0..<3 {
            portion.begin()
            var expected: [UInt32: [(time: Int64, values: [UInt64])]] = [:]
            var time = Int64(bitPattern: random.next()) >> (random.next() % 30)
            let groups: [(key: GroupKey, series: [UInt32])] = [
                (.shape(0), [0, 1, 2]), (.shape(700), [3, 4]), (.single(5), [5]), (.late(1), [1]), (.late(5), [5]),
            ]
            for _ in 0..<Int(1 + random.next() % 400) {
                let mark = portion.mark
                let (key, series) = groups[Int(random.next() % UInt64(groups.count))]
                time &+= seed % 3 == 0 ? 60_000 : Int64(random.next() % 100_000)
                let values = series.map { value($0, &random) }
                let at = key.kind == .late ? time &- Int64(random.next() % 10_000_000) : time
                if key.kind == .late {
                    portion.addLate(series[0], time: at, values[0])
                } else {
                    series.withUnsafeBufferPointer { series in
                        values.withUnsafeBufferPointer { portion.addRow(key, time: at, series, $0) }
                    }
                }
                if random.next() % 10 == 0 {
                    portion.rollBack(to: mark)
                } else {
                    expected[key.raw, default: []].append((at, values.map(\.bitPattern)))
                }
            }
            portion.finish()
            try check(portion.frame.bytes, expected, "seed \(seed)")
        }
    }

    private func value(_ series: UInt32, _ random: inout SeededGenerator) -> Double {
        switch (series, random.next() % 50) {
        case (0, _): 7
        case (4, 0): .nan
        case (4, 1): -0.0
        case (2, 2): Double(bitPattern: random.next())
        case (3, _): Double(random.next() % 100_000) / 1000
        default: Double(Int(random.next() % 200) - 100) / 10
        }
    }

    private func check(
        _ frame: UnsafeRawBufferPointer, _ expected: [UInt32: [(time: Int64, values: [UInt64])]], _ what: String
    ) throws {
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: frame[Frame.headerBytes...]))
        var decoder = ReadingsDecoder()
        decoder.begin()
        var found: [UInt32: [(time: Int64, values: [UInt64])]] = [:]
        let columns: [UInt32: Int] = [GroupKey.shape(0).raw: 3, GroupKey.shape(700).raw: 2]
        while let item = try decoder.next(&reader, columns: { columns[$0.raw] ?? 1 }) {
            guard case .rows(let key, let rows, let columns) = item else { continue }
            for row in 0..<rows {
                let values = decoder.values[(row * columns)..<((row + 1) * columns)].map(\.bitPattern)
                found[key.raw, default: []].append((decoder.times[row], values))
            }
        }
        #expect(reader.remaining == ReadingsPayload.slack, "\(what)")
        #expect(Set(found.keys) == Set(expected.keys), "\(what)")
        for (key, rows) in expected {
            #expect(found[key]?.map(\.time) == rows.map(\.time), "\(what), group \(key)")
            #expect(found[key]?.map(\.values) == rows.map(\.values), "\(what), group \(key)")
        }
    }

    /// One group with more rows than a run has, and more than are gone through one by one for a late sample.
    @Test func manyRowsOfOneGroup() throws {
        var portion = Portion()
        portion.through.append(.min)
        portion.begin()
        let series: [UInt32] = [0]
        var expected: [(time: Int64, values: [UInt64])] = []
        for index in 0..<(2 * ReadingsPayload.mostRows + 5) {
            let value = [Double(index % 7)]
            series.withUnsafeBufferPointer { series in
                value.withUnsafeBufferPointer { portion.addRow(.single(0), time: Int64(index) * 10, series, $0) }
            }
            expected.append((Int64(index) * 10, [value[0].bitPattern]))
        }
        let catalogue = Catalogue()
        #expect(portion.value(of: 0, at: 80_000, through: .min, in: catalogue) == Double(8000 % 7))
        #expect(portion.value(of: 0, at: 80_001, through: .min, in: catalogue) == nil)
        portion.addLate(0, time: 80_000, 11)
        #expect(portion.value(of: 0, at: 80_000, through: .min, in: catalogue) == 11)
        portion.rollBack(to: .start)
        #expect(portion.isEmpty && portion.through[0] == .min)
        portion.begin()
        for row in expected {
            let value = row.values.map(Double.init(bitPattern:))
            series.withUnsafeBufferPointer { series in
                value.withUnsafeBufferPointer { portion.addRow(.single(0), time: row.time, series, $0) }
            }
        }
        portion.finish()
        // A steady clock costs no bit a row, seven values three.
        #expect(portion.payloadBytes < expected.count / 2)
        try check(portion.frame.bytes, [GroupKey.single(0).raw: expected], "one group")
    }
}
