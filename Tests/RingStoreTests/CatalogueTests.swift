import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// Series with few distinct names and values, so that labels are shared, missing, and empty in every combination.
private struct LabelSource {
    private static let names = ["__name__", "device", "household", "room", "độ", "z"]
    private static let values = ["", "a", "b", "ab", "kitchen/plug", "phòng", "x\u{0}y", "a.b", "B"]
    var random: SeededGenerator

    mutating func labels() -> Labels {
        var labels: [Label] = []
        for name in Self.names where random.next() % 3 > 0 { labels.append(Label(name, value())) }
        return Labels(labels)
    }

    mutating func value() -> String {
        random.next() % 4 == 0 ? "v\(random.next() % 40)" : Self.values[Int(random.next() % UInt64(Self.values.count))]
    }

    mutating func matcher() throws -> LabelMatcher {
        let expressions = ["", "a|b", ".*", ".+", "a.*", "v1[0-9]", "(ab|kitchen/.*)?", "[^a]*", "v3.|B"]
        let name = random.next() % 8 == 0 ? "nobody has it" : Self.names[Int(random.next() % UInt64(Self.names.count))]
        let expression = expressions[Int(random.next() % UInt64(expressions.count))]
        switch random.next() % 4 {
        case 0: return try LabelMatcher(name, .equal, value())
        case 1: return try LabelMatcher(name, .notEqual, value())
        case 2: return try LabelMatcher(name, .matches, expression)
        default: return try LabelMatcher(name, .doesNotMatch, expression)
        }
    }
}

@Suite struct MatchersFindWhatALookAtEverySeriesWouldFind {
    /// What `series(matching:)` must give, the slow way.
    private func expected(_ catalogue: Catalogue, _ matchers: [LabelMatcher]) -> [UInt32] {
        catalogue.series.indices.compactMap { index -> (labels: [Label], number: UInt32)? in
            guard let labels = catalogue.descriptor(UInt32(index))?.labels,
                matchers.allSatisfy({ $0.matches(labels) })
            else { return nil }
            return (labels.sorted, UInt32(index))
        }.sorted { a, b in
            if a.labels == b.labels { return a.number < b.number }
            return a.labels.lexicographicallyPrecedes(b.labels)
        }.map(\.number)
    }

    @Test(arguments: Array(1...12) as [UInt64]) func ofEveryKind(seed: UInt64) throws {
        var source = LabelSource(random: SeededGenerator(seed: seed))
        var catalogue = Catalogue()
        var all: Set<Labels> = []
        var older: (catalogue: Catalogue, count: Int)?
        for _ in 0..<(20 + Int(seed) * 10) {
            let labels = source.labels()
            guard all.insert(labels).inserted else { continue }
            // Now and then a number whose record was lost.
            if source.random.next() % 20 == 0 { catalogue.extend(series: catalogue.series.count + 1, shapes: 0) }
            catalogue.apply(.series(UInt32(catalogue.series.count), SeriesDescriptor(labels: labels, unit: nil)))
            if all.count == 50 { older = (catalogue, catalogue.series.count) }
        }
        for round in 0..<50 {
            let matchers = try (0..<Int(source.random.next() % 4)).map { _ in try source.matcher() }
            #expect(
                catalogue.series(matching: matchers) == expected(catalogue, matchers),
                "seed \(seed), round \(round), \(matchers)")
            // A copy knows what was there when it was made, whatever came later.
            if let older {
                let found = older.catalogue.series(matching: matchers)
                #expect(found == expected(older.catalogue, matchers), "seed \(seed), round \(round), \(matchers)")
                #expect(found.allSatisfy { $0 < older.count })
            }
        }
        for labels in all {
            let number = try #require(catalogue.find(labels), "seed \(seed): \(labels)")
            #expect(catalogue.descriptor(number)?.labels == labels, "seed \(seed)")
        }
        #expect(catalogue.find(["device": "not there"]) == nil)
    }

    /// A selection that is followed while series come holds what a new one would find, and tells each series once.
    @Test(arguments: Array(1...12) as [UInt64]) func followedWhileSeriesCome(seed: UInt64) throws {
        var source = LabelSource(random: SeededGenerator(seed: seed &+ 1000))
        var catalogue = Catalogue()
        var selections = try (0..<20).map { _ in
            SeriesSelection(try (0..<Int(source.random.next() % 4)).map { _ in try source.matcher() })
        }
        var values = SortedValues()
        for _ in 0..<40 {
            for _ in 0..<Int(source.random.next() % 5) {
                if source.random.next() % 20 == 0 { catalogue.extend(series: catalogue.series.count + 1, shapes: 0) }
                catalogue.apply(
                    .series(
                        UInt32(catalogue.series.count), SeriesDescriptor(labels: source.labels(), unit: nil)))
            }
            for index in selections.indices where source.random.next() % 3 > 0 {
                let before = selections[index].series.count
                let added = selections[index].follow(catalogue, &values)
                let found = selections[index].series
                #expect(
                    found.map(\.index) == catalogue.series(matching: selections[index].matchers),
                    "seed \(seed), \(selections[index].matchers)")
                #expect(found.count == before + added, "seed \(seed)")
            }
        }
    }

    @Test func spellingsThatUnicodeCallsEquivalentAreTwoSeries() {
        var catalogue = Catalogue()
        for (number, device) in ["\u{1EBF}", "e\u{302}\u{301}"].enumerated() {
            let labels = Labels([Label("device", device)])
            #expect(catalogue.find(labels) == nil)
            catalogue.apply(.series(UInt32(number), SeriesDescriptor(labels: labels, unit: nil)))
            #expect(catalogue.find(labels) == UInt32(number))
        }
    }
}

@Suite struct TheCatalogueRemembersWhatItWasTold {
    /// Everything in, written as records of a page or frame, read back.
    @Test(arguments: Array(1...10) as [UInt64]) func recordsComeBack(seed: UInt64) throws {
        var source = LabelSource(random: SeededGenerator(seed: seed))
        var catalogue = Catalogue()
        var changes: [CatalogueChange] = []
        for number in 0..<UInt32(200) {
            let unit = source.random.next() % 3 == 0 ? nil : source.value()
            let descriptor = SeriesDescriptor(labels: source.labels(), unit: unit)
            changes += catalogue.apply(.series(number, descriptor)).map { [$0] } ?? []
            if number > 2, source.random.next() % 4 == 0 {
                let shape = UInt32(catalogue.shapes.count)
                changes += catalogue.apply(.shape(shape, [number - 2, number - 1, number])).map { [$0] } ?? []
            }
            if source.random.next() % 8 == 0 {
                let one = UInt32(source.random.next() % UInt64(number + 1))
                changes += catalogue.apply(.unit(one, source.value())).map { [$0] } ?? []
            }
        }
        var out = ByteWriter()
        var previous: UInt32?
        for change in changes {
            if source.random.next() % 30 == 0 { previous = nil }
            let before = out.count
            catalogue.append(change, previous: &previous, to: &out)
            if case .series(let number) = change, let descriptor = catalogue.descriptor(number) {
                #expect(out.count - before <= CatalogueRecord.mostBytes(of: descriptor))
            }
        }
        var reader = ByteReader(out.bytes)
        var labels: [Label] = []
        var again = Catalogue()
        while reader.remaining > 0 { again.apply(try CatalogueRecord(&reader, previous: &labels)) }
        #expect(again.series.count == 200 && again.shapes.count == catalogue.shapes.count)
        for number in 0..<UInt32(200) {
            #expect(again.descriptor(number) == catalogue.descriptor(number), "seed \(seed), series \(number)")
            #expect(again.groups(of: number).map(\.key) == catalogue.groups(of: number).map(\.key), "seed \(seed)")
            #expect(again.groups(of: number).map(\.column) == catalogue.groups(of: number).map(\.column))
        }
        for number in 0..<UInt32(catalogue.shapes.count) {
            let columns = try #require(catalogue.columns(of: .shape(number)))
            #expect(again.columns(of: .shape(number)) == columns)
            #expect(again.columnCount(of: .shape(number)) == columns.count)
            let found = columns.withUnsafeBufferPointer { again.shape(of: $0) }
            #expect(found.flatMap { again.columns(of: .shape($0)) } == columns, "seed \(seed)")
        }
        #expect(again.shapeCount(of: 3) == again.groups(of: 3).count - 2)
    }

    /// A catalogue that fills its file to the last page, over checkpoints and restarts.
    @Test func whenItsFileIsFull() throws {
        let disk = SimulatedDisk(seed: 3)
        var numbers: [Labels: UInt32] = [:]
        var refused = 0
        for round in 0..<3 {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
            #expect(store.statistics.damagedFrames == 0, "round \(round): \(store.statistics.lastDamage ?? "")")
            for (labels, number) in numbers {
                #expect(store.snapshot().descriptor(of: SeriesRef(index: number))?.labels == labels)
            }
            var batch = Batch()
            for index in 0..<400 {
                let labels: Labels = ["__name__": "m\(index % 5)", "device": "d\(round)/\(index / 5)", "h": "home"]
                guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: "Cel")) else {
                    refused += 1
                    continue
                }
                numbers[labels] = ref.index
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: Int64(round * 1000 + index)))
                batch.add(ref, 1)
                if index % 50 == 49 {
                    _ = try writer.append(batch)
                    batch.removeAll()
                }
            }
            _ = try writer.append(batch)
            if round == 1 { try writer.close() }
        }
        // 16 KiB of records of some 25 bytes.
        #expect(refused > 0 && numbers.count > 400, "\(numbers.count) registered, \(refused) refused")
        disk.restart()
        let (store, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(store.statistics.seriesCount == numbers.count && store.statistics.damagedFrames == 0)
        for (labels, number) in numbers {
            #expect(store.snapshot().descriptor(of: SeriesRef(index: number))?.labels == labels)
        }
    }
}
