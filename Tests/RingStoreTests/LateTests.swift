import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct LateAndRepeatedReadingsEndUpAsIfInOrder {
    private struct Fixture {
        let disk = SimulatedDisk(seed: 1)
        let store: RingStore
        let writer: StoreWriter
        let a: SeriesRef
        let b: SeriesRef

        init(segments: UInt32 = 64) throws {
            (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny(segments: segments))
            guard case .series(let a) = writer.register(Fixture.descriptor("a")),
                case .series(let b) = writer.register(Fixture.descriptor("b"))
            else { throw StoreError.closed }
            self.a = a
            self.b = b
        }

        static func descriptor(_ metric: String, unit: String? = nil) -> SeriesDescriptor {
            SeriesDescriptor(labels: ["__name__": metric, "device": "d", "household": "h"], unit: unit)
        }

        func append(_ rows: [(Int64, [(SeriesRef, Double)])]) throws -> AppendOutcome {
            var batch = Batch()
            for (time, samples) in rows {
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: time))
                for (ref, value) in samples { batch.add(ref, value) }
            }
            return try writer.append(batch)
        }

        func pairs(_ ref: SeriesRef) throws -> [Int64: Double] {
            Dictionary(uniqueKeysWithValues: try store.snapshot().samples(ref).map { ($0.time.milliseconds, $0.value) })
        }
    }

    @Test func outcomesByHand() throws {
        let f = try Fixture()
        var outcome = try f.append([(1000, [(f.a, 1), (f.b, 2)]), (2000, [(f.a, 3), (f.b, 4)])])
        #expect(outcome.stored == 4 && outcome.duplicates == 0)
        // Again: duplicates. One of them with another value: it counts. One between, and one before: late.
        outcome = try f.append([
            (1000, [(f.a, 1), (f.b, 2.5)]), (1500, [(f.a, 9)]), (500, [(f.b, 8)]), (3000, [(f.a, 5), (f.b, 6)]),
        ])
        #expect(outcome.stored == 5 && outcome.duplicates == 1)
        #expect((0..<6).map(outcome.wasStored) == [false, true, true, true, true, true])
        #expect(try f.pairs(f.a) == [1000: 1, 1500: 9, 2000: 3, 3000: 5])
        #expect(try f.pairs(f.b) == [500: 8, 1000: 2.5, 2000: 4, 3000: 6])
        #expect(f.store.snapshot().lastSample(of: f.b) == Sample(time: Timestamp(milliseconds: 3000), value: 6))
        #expect(f.store.statistics.duplicates == 1 && f.store.statistics.lateSamples == 3)
        // The newest one corrected.
        _ = try f.append([(3000, [(f.b, 7)])])
        #expect(f.store.snapshot().lastSample(of: f.b)?.value == 7)
        // Within one batch, and within one row.
        outcome = try f.append([(4000, [(f.a, 1), (f.a, 1)]), (4000, [(f.a, 2)]), (4000, [(f.a, 2)])])
        #expect(outcome.stored == 2 && outcome.duplicates == 2)
        #expect(try f.pairs(f.a)[4000] == 2)
        #expect(outcome.wasStored(0) && !outcome.wasStored(1) && outcome.wasStored(2) && !outcome.wasStored(3))
        var told: [Double] = []
        var batch = Batch()
        batch.beginRow(at: Timestamp(milliseconds: 4000))
        batch.add(f.a, 2)
        batch.beginRow(at: Timestamp(milliseconds: 5000))
        batch.add(f.a, 11)
        batch.forEachStoredSample(try f.writer.append(batch)) { _, sample in told.append(sample.value) }
        #expect(told == [11])
    }

    /// A row that came late is one; what meets a sample, be it by one of its series, is looked at sample by sample. Through
    /// chunks, segments and restarts it comes to the same.
    @Test(arguments: [44, 45, 46] as [UInt64]) func lateRowsOfShapesThatShareSeries(seed: UInt64) throws {
        let f = try Fixture(segments: 300)
        guard case .series(let c) = f.writer.register(Fixture.descriptor("c")) else { throw StoreError.closed }
        var random = SeededGenerator(seed: seed)
        var expected: [SeriesRef: [Int64: Double]] = [:]
        var rowsSeen = 0
        for minute in 0..<1200 as Range<Int64> {
            var rows: [(Int64, [(SeriesRef, Double)])] = []
            for _ in 0..<2 {
                let isLate = random.next() % 3 == 0
                let time = (isLate ? minute - Int64(random.next() % 400) : minute) * 1000 + Int64(random.next() % 3)
                let series = random.next() % 2 == 0 ? [f.a, f.b] : [f.a, c]
                rows.append((time, series.map { ($0, Double(random.next() % 1000) / 10) }))
            }
            _ = try f.append(rows)
            for (time, samples) in rows { for (ref, value) in samples { expected[ref, default: [:]][time] = value } }
            f.writer.state.head.lateRows.forEachElement { _, group in rowsSeen += group.isEmpty ? 0 : 1 }
        }
        #expect(rowsSeen > 0 && f.store.statistics.sealedSegments > 2, "seed \(seed)")
        for ref in [f.a, f.b, c] { #expect(try f.pairs(ref) == expected[ref], "seed \(seed)") }
        f.disk.killProcess()
        let (again, _) = try RingStore.open(directory: f.disk.directory, options: .tiny(segments: 300))
        for ref in [f.a, f.b, c] {
            let samples = try again.snapshot().samples(ref).map { ($0.time.milliseconds, $0.value) }
            #expect(Dictionary(uniqueKeysWithValues: samples) == expected[ref], "seed \(seed)")
        }
    }

    @Test func equalNaNsAreDuplicatesAndZerosDiffer() throws {
        let f = try Fixture()
        _ = try f.append([(1, [(f.a, .nan)]), (2, [(f.a, 0.0)])])
        let outcome = try f.append([(1, [(f.a, .nan)]), (2, [(f.a, -0.0)])])
        #expect(outcome.duplicates == 1 && outcome.stored == 1)
        #expect(
            try f.store.snapshot().samples(f.a).map(\.value.bitPattern) == [Double.nan.bitPattern, (-0.0).bitPattern])
    }

    /// Everything twice, shuffled, over many segments: as in order.
    @Test(arguments: [41, 42, 43] as [UInt64]) func shuffled(seed: UInt64) throws {
        let f = try Fixture(segments: 200)
        var random = SeededGenerator(seed: seed)
        var rows: [(Int64, [(SeriesRef, Double)])] = (0..<1500).map { index in
            (Int64(index) * 1000, [(f.a, Double(random.next() % 1000) / 10), (f.b, Double(random.next() >> 2))])
        }
        let expected = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1[0].1) })
        rows = (rows + rows).shuffled(using: &random)
        var duplicates = 0
        for start in stride(from: 0, to: rows.count, by: 100) {
            duplicates += try f.append(Array(rows[start..<(start + 100)])).duplicates
        }
        #expect(duplicates == 3000, "seed \(seed)")
        #expect(f.store.statistics.sealedSegments > 2)
        #expect(try f.pairs(f.a) == expected)
        f.disk.restart()
        let (again, _) = try RingStore.open(directory: f.disk.directory, options: .tiny(segments: 200))
        #expect(try again.snapshot().samples(f.a).count == 1500, "seed \(seed)")
        #expect(again.statistics.sampleCount == 3000)
    }

    @Test func olderThanTheRingIsRefused() throws {
        let f = try Fixture(segments: 6)
        var random = SeededGenerator(seed: 1)
        var time: Int64 = 0
        while f.store.statistics.evictedSegments < 3 {
            time += 1000
            _ = try f.append([(time, [(f.a, Double(bitPattern: random.next() >> 2))])])
        }
        let oldest = try #require(f.store.statistics.oldest).milliseconds
        #expect(oldest > 1000)
        let outcome = try f.append([(oldest - 500, [(f.a, 1)]), (oldest + 500, [(f.a, 1)])])
        #expect(outcome.tooOld == 1 && outcome.stored == 1)
        #expect(!outcome.wasStored(0) && outcome.wasStored(1))
        #expect(f.store.statistics.refusedTooOld == 1)
        #expect(try f.pairs(f.a)[oldest + 500] == 1)
    }

    /// A device that fell silent: its last sample is gone when the ring has written over it.
    @Test func theLastSampleGoesWithItsSegment() throws {
        let f = try Fixture(segments: 6)
        var random = SeededGenerator(seed: 1)
        _ = try f.append([(500, [(f.b, 1)])])
        #expect(f.store.snapshot().lastSample(of: f.b)?.value == 1)
        var time: Int64 = 0
        while f.store.statistics.evictedSegments < 3 {
            time += 1000
            _ = try f.append([(time, [(f.a, Double(bitPattern: random.next() >> 2))])])
        }
        #expect(f.store.snapshot().lastSample(of: f.b) == nil)
        #expect(f.store.snapshot().timeBounds(of: f.b) == nil)
        #expect(try f.pairs(f.b).isEmpty)
        // The silent device wakes up.
        _ = try f.append([(time, [(f.b, 2)])])
        #expect(f.store.snapshot().lastSample(of: f.b)?.value == 2)
    }

    @Test func unknownSeriesAreCountedAndNotStored() throws {
        let f = try Fixture()
        let outcome = try f.append([(1, [(SeriesRef(index: 999), 1), (f.a, 1)])])
        #expect(outcome.unknownSeries == 1 && outcome.stored == 1)
        #expect(!outcome.wasStored(0) && outcome.wasStored(1))
    }

    @Test func atTheEndsOfTime() throws {
        let f = try Fixture()
        for time in [Int64.max, .min, 0, .min + 1, .max - 1] { _ = try f.append([(time, [(f.a, Double(time))])]) }
        #expect(try f.store.snapshot().samples(f.a).map(\.time.milliseconds) == [.min, .min + 1, 0, .max - 1, .max])
        f.disk.restart()
        let (again, _) = try RingStore.open(directory: f.disk.directory, options: .tiny())
        #expect(try again.snapshot().samples(f.a).map(\.time.milliseconds) == [.min, .min + 1, 0, .max - 1, .max])
    }

    /// A message that grows a new field each time must not make a new group each time.
    @Test func everNewCombinationsOfMetrics() throws {
        let f = try Fixture(segments: 400)
        var refs: [SeriesRef] = []
        for index in 0..<40 {
            if case .series(let ref) = f.writer.register(Fixture.descriptor("m\(index)")) { refs.append(ref) }
        }
        var random = SeededGenerator(seed: 9)
        var expected: [SeriesRef: Int] = [:]
        for time in 1...400 {
            let chosen = refs.filter { _ in random.next() % 2 == 0 }
            _ = try f.append([(Int64(time), chosen.map { ($0, Double(time)) })])
            for ref in chosen { expected[ref, default: 0] += 1 }
        }
        #expect(f.writer.state.catalogue.shapes.count <= ShapeTable.mostOfSeries * refs.count)
        for ref in refs { #expect(try f.store.snapshot().samples(ref).count == expected[ref] ?? 0) }
    }
}
