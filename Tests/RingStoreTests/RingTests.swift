import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct TheDirectoryNeverExceedsItsBudget {
    /// Real sizes, on the simulated disk, which looks at every call: the ring turns more than three times.
    @Test func whileTheRingTurnsThreeTimes() throws {
        let budget = StoreOptions.leastDiskBudget
        let disk = SimulatedDisk(seed: 1)
        var options = StoreOptions(diskBudget: budget, memoryBudget: 8 << 20)
        options.identityWindow = 64
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var random = SeededGenerator(seed: 1)
        var refs: [SeriesRef] = []
        for index in 0..<8 {
            let labels: Labels = ["__name__": "noise", "device": "d\(index)", "household": "home"]
            if case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) { refs.append(ref) }
        }
        var batch = Batch()
        var time: Int64 = 0
        while store.statistics.evictedSegments < 2 * UInt64(store.statistics.poolSegments) + 3 {
            batch.removeAll()
            batch.beginMessage()
            for _ in 0..<60 {
                time += 1000
                batch.beginRow(at: Timestamp(milliseconds: time))
                // Eight random bytes a value: nothing to compress.
                for ref in refs { batch.add(ref, Double(bitPattern: random.next() >> 2)) }
            }
            _ = try writer.append(batch)
            #expect(disk.usedBytes <= budget)
        }
        #expect(disk.mostUsedBytes <= budget)
        #expect(store.statistics.diskUsed <= budget)
        #expect(disk.fileNames == ["catalogue", "log", "pool", "super"])
        #expect(store.statistics.memoryUsed <= options.memoryBudget)
        #expect(store.statistics.writeError == nil)
        // What is left is the newest, without a gap, and ends with the last row.
        let samples = try store.snapshot().samples(refs[0])
        #expect(samples.last?.time.milliseconds == time)
        let times = samples.map(\.time.milliseconds)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 + 1000 == $1 })
        #expect(times.count > 10_000)
        #expect(store.statistics.oldest == samples.first?.time)
    }

    @Test func theGeometryOfEveryBudgetFits() throws {
        var budget: UInt64 = 4 << 20
        while budget < 1 << 42 {
            for memory in [8, 64, 4096] as [UInt64] {
                let geometry = try StoreGeometry(diskBudget: budget, memoryBudget: memory << 20)
                #expect(geometry.totalBytes <= budget - budget / 32)
                #expect(geometry.isPlausible && geometry.segmentCount >= 8, "\(budget) \(geometry)")
                #expect(geometry.totalBytes > budget / 10 * 9 || budget < 64 << 20)
                #expect(geometry.leastBudget <= budget)
                #expect(UInt64(geometry.segmentBytes) * 8 <= geometry.logBytes)
            }
            budget = budget * 3 / 2
        }
    }

    @Test func aBudgetTooSmallIsRefusedByName() throws {
        let disk = SimulatedDisk(seed: 1)
        let small = StoreOptions(diskBudget: (4 << 20) - 1, memoryBudget: 8 << 20)
        #expect(throws: StoreError.diskBudgetTooSmall(given: (4 << 20) - 1, least: 4 << 20)) {
            _ = try RingStore.open(directory: disk.directory, options: small)
        }
        #expect(throws: StoreError.memoryBudgetTooSmall(given: 1, least: 8 << 20)) {
            _ = try RingStore.open(
                directory: disk.directory, options: StoreOptions(diskBudget: 4 << 20, memoryBudget: 1))
        }
        let little = SimulatedDisk(seed: 1, capacity: 3 << 20)
        #expect(throws: StoreError.self) {
            _ = try RingStore.open(
                directory: little.directory, options: StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20))
        }
        #expect(little.usedBytes == 0)
    }

    @Test func aLargerBudgetLetsThePoolGrowAndASmallerOneIsRefused() throws {
        let disk = SimulatedDisk(seed: 1)
        let small = StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20)
        let large = StoreOptions(diskBudget: 8 << 20, memoryBudget: 8 << 20)
        var judge = Judge()
        var workload = Workload(seed: 5)
        var segments = 0
        for (round, options) in [small, large].enumerated() {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
            for _ in 0..<10 {
                let messages = workload.batch(messages: 50)
                _ = try writer.append(writer.batch(messages))
                judge.acknowledge(messages)
            }
            #expect(try judge.complaints(store, writer).isEmpty)
            #expect(store.statistics.poolSegments > segments, "round \(round)")
            segments = store.statistics.poolSegments
            try writer.close()
        }
        #expect(disk.usedBytes > 4 << 20 && disk.usedBytes <= 8 << 20)
        do {
            _ = try RingStore.open(directory: disk.directory, options: small)
            Issue.record("a store larger than its budget was opened")
        } catch {
            guard case .storeLargerThanBudget(_, _, let least) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(least > 4 << 20 && least <= 8 << 20)
            _ = try RingStore.open(
                directory: disk.directory, options: StoreOptions(diskBudget: least, memoryBudget: 8 << 20))
        }
    }
}

@Suite struct MemoryStaysWithinItsBudget {
    @Test func whateverManySeriesCome() throws {
        let disk = SimulatedDisk(seed: 2)
        let options = StoreOptions(diskBudget: 16 << 20, memoryBudget: 8 << 20)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var refused = 0
        var batch = Batch()
        var registered = 0
        for index in 0..<20_000 {
            let labels: Labels = ["__name__": "m", "device": "flood \(index)", "household": "home"]
            switch writer.register(SeriesDescriptor(labels: labels, unit: nil)) {
            case .series(let ref):
                registered += 1
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: Int64(index)))
                batch.add(ref, 1)
            case .refused: refused += 1
            }
            if batch.messageCount == 500 {
                _ = try writer.append(batch)
                batch.removeAll()
                #expect(store.statistics.memoryUsed <= options.memoryBudget)
            }
        }
        _ = try writer.append(batch)
        #expect(refused > 0 && registered > 1000)
        #expect(store.statistics.refusedRegistrations == UInt64(refused))
        #expect(store.statistics.sampleCount == UInt64(registered))
        disk.restart()
        let (again, _) = try RingStore.open(directory: disk.directory, options: options)
        #expect(again.statistics.seriesCount == registered)
        #expect(again.statistics.sampleCount == UInt64(registered))
        #expect(again.statistics.damagedFrames == 0)
    }

    /// Where the disk has room for more labels than the memory: series are refused at the index's share, and every byte that
    /// is counted stays within the budget, tables that double and readers that hold old snapshots included.
    @Test func theIndexStopsAtItsShare() throws {
        let disk = SimulatedDisk(seed: 2)
        var options = StoreOptions.tiny()
        options.geometry = StoreGeometry(
            segmentBytes: 64 << 10, segmentCount: 64, logBytes: 1 << 20, catalogueBytes: 4 << 20)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var refusal: RegistrationRefusal?
        var registered = 0
        var batch = Batch()
        while refusal == nil, registered < 100_000 {
            let labels: Labels = ["__name__": "metric_\(registered % 5)", "device": "flood \(registered / 5)"]
            switch writer.register(SeriesDescriptor(labels: labels, unit: "Cel")) {
            case .series(let ref):
                registered += 1
                batch.beginMessage()
                batch.beginRow(at: Timestamp(milliseconds: Int64(registered)))
                batch.add(ref, 1)
            case .refused(let reason): refusal = reason
            }
            if batch.messageCount == 1000 {
                _ = try writer.append(batch)
                batch.removeAll()
                #expect(store.statistics.memoryUsed <= options.memoryBudget)
            }
        }
        #expect(refusal == .memoryFull)
        // Half of 8 MiB, at some hundred bytes a series.
        #expect(registered > 15_000, "\(registered) registered")
        _ = try writer.append(batch)
        // Refused again and again, nothing is kept of it; what is known stays known.
        let used = store.statistics.memoryUsed
        for number in 0..<1000 {
            #expect(
                writer.register(SeriesDescriptor(labels: ["__name__": "more", "x": "\(number)"], unit: nil))
                    == .refused(.memoryFull))
        }
        let known: Labels = ["__name__": "metric_0", "device": "flood 0"]
        #expect(writer.register(SeriesDescriptor(labels: known, unit: nil)) == .series(SeriesRef(index: 0)))
        _ = try writer.append(Batch())
        #expect(store.statistics.memoryUsed <= used + 4096)
    }

    @Test func labelsThatNoPageHoldsAreRefused() throws {
        let disk = SimulatedDisk(seed: 2)
        let (_, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        let labels: Labels = ["__name__": String(repeating: "x", count: 9000)]
        #expect(writer.register(SeriesDescriptor(labels: labels, unit: nil)) == .refused(.labelsTooLong))
        _ = try writer.append(Batch())
    }
}
