import TestSupport
import Testing

@testable import RingStore

@Suite struct RowsOnStraightLinesAreLeftOut {
    private static let times = (0..<1200).map { Int64($0) * 600_000 }

    private func bytes(_ values: [Double]) throws -> (kind: String, count: Int) {
        let times = Array(RowsOnStraightLinesAreLeftOut.times.prefix(values.count))
        let chunk = EncodedChunk(times, [values], .dense)
        try chunk.bytes.withUnsafeBytes { bytes in
            let header = try Chunk.header(bytes)
            let decoder = ChunkDecoder()
            let decoded = try withExtendedLifetime(decoder) {
                try decoder.values(bytes, header, column: 0).map(\.bitPattern)
            }
            #expect(decoded == values.map(\.bitPattern))
        }
        return (try chunk.kind(ofColumn: 0), chunk.bytes.count)
    }

    /// `value` to so many digits, half away from 0.
    private func rounded(_ value: Double, digits: Int) -> Double {
        guard value != 0 else { return 0 }
        var decimals = digits - 1
        while decimals > 0, value.magnitude * DecimalScale.power(decimals) >= DecimalScale.power(digits) {
            decimals -= 1
        }
        return (value * DecimalScale.power(decimals)).rounded() / DecimalScale.power(decimals)
    }

    /// The weather of each hour, one row in ten minutes: little more than the hours take alone.
    @Test(arguments: [3, 10]) func hourlyWeather(digits: Int) throws {
        var random = SeededGenerator(seed: 11)
        let hours = (0...200).map { _ in Double(Int(random.next() % 300)) / 10 + 1 }
        let values = (0..<1200).map { row in
            let (hour, part) = row.quotientAndRemainder(dividingBy: 6)
            let exact = hours[hour] + (hours[hour + 1] - hours[hour]) * Double(part) / 6
            return rounded(exact, digits: digits)
        }
        let (kind, count) = try bytes(values)
        #expect(kind == "lines")
        #expect(count < 3 * 200, "\(count) bytes")
    }

    @Test func aGapThatWasFilled() throws {
        var random = SeededGenerator(seed: 12)
        var values = (0..<1200).map { _ in Double(2000 + random.next() % 40) / 100 }
        (values[300], values[400]) = (20.1, 23.4)
        for row in 301..<400 { values[row] = rounded(20.1 + 3.3 * Double(row - 300) / 100, digits: 7) }
        let search = LineSearch()
        let found = values.withUnsafeBufferPointer { search.find($0, exponent: 3) }
        #expect(found != nil)
        #expect(search.lines == [Lines.Line(start: 300, length: 100)])
        #expect(try bytes(values).kind == "lines")
    }

    /// What is only nearly straight must come back as it was.
    @Test(arguments: Array(1...60) as [UInt64]) func nearlyStraight(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let slope = Double(Int(random.next() % 2000)) / 1000 - 1
        let values = (0..<(200 + Int(random.next() % 1000))).map { row in
            let bump = random.next() % 40 == 0 ? Double(random.next() % 3) - 1 : 0
            let value = (10 + slope * Double(row) / 7 + bump * 1e-4) * 1e4
            return seed % 5 == 0 && random.next() % 90 == 0 ? -0.0 : value.rounded() / 1e4
        }
        _ = try bytes(values)
    }

    @Test func linesBeyondTheRowsAreDamage() {
        let scratch = ColumnScratch()
        let out = UnsafeMutableBufferPointer<Double>.allocate(capacity: 20)
        out.initialize(repeating: 0)
        defer { out.deallocate() }
        for (skip, length) in [(0, 18), (17, 1), (18, 0), (20, 0), (.max, 0), (0, .max), (3, .max - 2)]
            as [(UInt64, UInt64)]
        {
            var bytes = ByteWriter()
            // Two decimals, ends of two; one line.
            bytes.append([2, 2, 1])
            for number in [skip, length] {
                withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 1) {
                    $0.initialize(repeating: number)
                    IntegerStream.appendSmallest(UnsafeBufferPointer($0), scratch: scratch, to: &bytes)
                }
            }
            bytes.appendZeros(200)
            #expect(throws: DamagedBytes.self, "\(skip), \(length)") {
                var reader = ByteReader(bytes.bytes)
                try Lines.decode(&reader, scratch: scratch, into: out) { _, kept throws(DamagedBytes) in
                    for row in kept.indices { kept[row] = 1 }
                }
            }
        }
    }
}
