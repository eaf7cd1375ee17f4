import Readings
import TestSupport
import Testing

@testable import RingStore

@Suite struct LateSamplesInTheLogSayWhatTheyAre {
    private func samples(_ random: inout SeededGenerator, _ count: Int) -> [LateSample] {
        (0..<count).map { _ in
            let time = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
            let before: Double? =
                [nil, 1.5, -0.0, .infinity, .leastNonzeroMagnitude].randomElement(using: &random) ?? nil
            let series = UInt32(random.next() % UInt64(GroupKey.mostNumbers)) >> UInt32(random.next() % 30)
            return LateSample(
                series: SeriesRef(index: series), time: Timestamp(milliseconds: time), before: before)
        }
    }

    /// Of any series and time, in any order; none takes more than is reckoned.
    @Test func whateverTheyAre() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for count in 0..<300 {
            var samples = samples(&random, count)
            let (last, nan) = (GroupKey.mostNumbers - 1, Double(bitPattern: 0x7FF8_0000_0000_0042))
            samples += [(0, .min, nil), (last, .max, 1), (0, .min, 2), (last, 0, nil)].map { series, time, before in
                LateSample(
                    series: SeriesRef(index: series), time: Timestamp(milliseconds: time), before: before)
            }
            var out = ByteWriter()
            let encoder = ReadingsEncoder()
            encoder.append(late: samples, to: &out)
            #expect(out.count <= 1 + 5 + samples.count * LateSampleCoder.mostBytes)
            let odd = LateSample(series: SeriesRef(index: 7), time: Timestamp(milliseconds: 5), before: nan)
            // As in a frame that takes another's items along.
            encoder.append(late: [odd], to: &out)
            encoder.end(&out)
            var found = items(UnsafeRawBufferPointer(out.bytes))
            #expect(found?.popLast()?.before?.bitPattern == nan.bitPattern, "seed \(seed)")
            #expect(found == samples, "seed \(seed), \(count)")
        }
    }

    /// Nil if something is refused.
    private func items(_ bytes: UnsafeRawBufferPointer) -> [LateSample]? {
        var reader = ByteReader(bytes)
        var decoder = ReadingsDecoder()
        decoder.begin()
        var found: [LateSample] = []
        while true {
            do {
                guard let item = try decoder.next(&reader, columns: { _ in 1 }) else { return found }
                if case .late(let sample) = item { found.append(sample) }
            } catch {
                return nil
            }
        }
    }

    /// What a checksum cannot keep away: no crash, no more samples than bytes, no series that cannot be.
    @Test func wrongBytesAreRefusedOrWrong() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<20_000 {
            var out = ByteWriter()
            let encoder = ReadingsEncoder()
            encoder.append(late: samples(&random, 1 + Int(random.next() % 8)), to: &out)
            encoder.end(&out)
            var bytes = Array(out.bytes)
            for _ in 0...(random.next() % 3) {
                let place = Int(random.next() % UInt64(bytes.count))
                bytes[place] = random.next() % 3 == 0 ? 0xff : UInt8(truncatingIfNeeded: random.next())
            }
            bytes.removeLast(Int(random.next() % UInt64(bytes.count)) / Int(1 + random.next() % 8))
            bytes.withUnsafeBytes { bytes in
                let found = items(bytes)
                if found == nil { refused += 1 }
                #expect(found?.count ?? 0 <= bytes.count / LateSampleCoder.leastBytes, "seed \(seed)")
                #expect(found?.allSatisfy { $0.series.index < GroupKey.mostNumbers } ?? true, "seed \(seed)")
                var reader = ByteReader(bytes)
                _ = try? CheckpointPayload(&reader)
            }
        }
        #expect(refused > 5000, "seed \(seed)")
    }

    /// As programs of format 5, and older ones, have written them, and with late samples, cut off anywhere.
    @Test func checkpoints() throws {
        var random = SeededGenerator(seed: 5)
        var payload = CheckpointPayload(
            first: 3, previous: 2, newestSegment: 1, held: StoreState().held(newest: 1), seriesCount: 9, shapeCount: 4,
            identities: [MessageIdentity(7)], amendments: 6)
        func read(_ bytes: some Collection<UInt8>) -> CheckpointPayload? {
            Array(bytes).withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                return try? CheckpointPayload(&reader)
            }
        }
        var out = ByteWriter()
        payload.append(to: &out)
        let five = Array(out.bytes).dropLast()
        #expect(read(five)?.late == [] && read(five)?.amendments == 6)
        #expect(read(five.dropLast(8))?.amendments == .max)
        payload.late = samples(&random, 40)[...]
        out.removeAll()
        payload.append(to: &out)
        let bytes = Array(out.bytes)
        #expect(read(bytes)?.late == payload.late)
        for length in five.count + 1..<bytes.count { #expect(read(bytes[..<length]) == nil, "\(length) bytes") }
    }
}
