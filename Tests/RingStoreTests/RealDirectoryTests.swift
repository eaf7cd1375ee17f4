import Foundation
import Glibc
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AStoreInARealDirectory {
    private let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)

    private func allocatedBytes(_ path: String) throws -> UInt64 {
        var total: UInt64 = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            var status = stat()
            guard stat(path + "/" + name, &status) == 0 else { continue }
            total += UInt64(status.st_blocks) * 512
        }
        return total
    }

    @Test func keepsEverythingOverRestartsWithAndWithoutClosing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        var judge = Judge()
        var workload = Workload(seed: 61)
        for round in 0..<4 {
            let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            #expect(try judge.complaints(store, writer).isEmpty, "round \(round)")
            #expect(store.statistics.damagedFrames == 0, "round \(round): \(store.statistics.lastDamage ?? "")")
            for _ in 0..<10 {
                let messages = workload.batch(messages: 40)
                _ = try writer.append(writer.batch(messages))
                judge.acknowledge(messages)
                #expect(try allocatedBytes(path) <= options.diskBudget)
            }
            #expect(store.statistics.diskUsed <= options.diskBudget)
            #expect(store.statistics.diskUsed == (try allocatedBytes(path)))
            #expect(try judge.complaints(store, writer).isEmpty, "round \(round)")
            if round % 2 == 0 { try writer.close() }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["catalogue", "log", "pool", "super"])
    }

    @Test func isOpenedByOneAtATime() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        let (_, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        do {
            _ = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            Issue.record("two stores in one directory")
        } catch let error as StoreError {
            #expect(error == .locked(path: path))
            #expect(error.description.contains(path) && error.description.contains("in use"))
        }
        try writer.close()
        #expect(throws: StoreError.closed) { try writer.append(Batch()) }
        let (_, second) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        try second.close()
    }

    @Test func aDirectoryThatCannotBeMadeIsAClearError() {
        do {
            _ = try POSIXDirectory(path: "/proc/quantrac-cannot-be-here")
            Issue.record("made a directory in /proc")
        } catch {
            #expect(error.description.contains("/proc/quantrac-cannot-be-here"))
        }
    }

    @Test func unitsAndIdentitiesSurvive() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        let labels: Labels = ["__name__": "temperature", "device": "bếp/nhiệt kế", "household": "nhà"]
        var batch = Batch()
        do {
            let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else { return }
            batch.beginMessage(identity: MessageIdentity(7))
            batch.beginRow(at: Timestamp(milliseconds: 1))
            batch.add(ref, 1)
            _ = try writer.append(batch)
            #expect(writer.register(SeriesDescriptor(labels: labels, unit: "Cel")) == .series(ref))
            // A message without a reading: its identity alone.
            batch.removeAll()
            batch.beginMessage(identity: MessageIdentity(8))
            _ = try writer.append(batch)
            #expect(store.snapshot().descriptor(of: ref)?.unit == "Cel")
            #expect(writer.register(SeriesDescriptor(labels: labels, unit: "K")) == .series(ref))
        }
        let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        let ref = try #require(
            store.snapshot().series(matching: [LabelMatcher("device", equals: "bếp/nhiệt kế")]).first)
        #expect(store.snapshot().descriptor(of: ref) == SeriesDescriptor(labels: labels, unit: "Cel"))
        #expect(writer.recentIdentities == [MessageIdentity(7), MessageIdentity(8)])
        for number in 0..<5000 {
            batch.removeAll()
            batch.beginMessage(identity: MessageIdentity(UInt64(100 + number)))
            if number % 50 == 0 { _ = try writer.append(batch) }
        }
        let kept = writer.recentIdentities
        #expect(kept.count == 102 && kept.last == MessageIdentity(5050))
    }

    /// The log's window of identities outlives the log's being written over.
    @Test func identitiesAreCarriedOver() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        var batch = Batch()
        let last = 6000
        do {
            let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            for number in 1...last {
                batch.beginMessage(identity: MessageIdentity(UInt64(number)))
                if number % 20 == 0 {
                    _ = try writer.append(batch)
                    batch.removeAll()
                }
            }
            #expect(store.statistics.bytesWritten > store.statistics.logBytes)
        }
        let (_, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        #expect(writer.recentIdentities.map(\.hash) == ((last - 2047)...last).map(UInt64.init))
    }

    /// A batch of many frames, and a message that is too large for one.
    @Test func largeBatches() throws {
        let directory = try TemporaryDirectory()
        let (store, writer) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.file("store")), options: options)
        var batch = Batch()
        var refs: [SeriesRef] = []
        for index in 0..<200 {
            let labels: Labels = ["__name__": "m\(index)", "device": "wide", "household": "h"]
            if case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) { refs.append(ref) }
        }
        for time in 1...300 {
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: Int64(time)))
            for ref in refs.reversed() { batch.add(ref, Double(time) / 3) }
        }
        #expect(try writer.append(batch).stored == 60_000)
        #expect(store.statistics.syncs > 3)
        #expect(try store.snapshot().samples(refs[199]).count == 300)
        batch.removeAll()
        batch.beginMessage()
        for time in 1...30_000 {
            batch.beginRow(at: Timestamp(milliseconds: Int64(1000 + time)))
            batch.add(refs[0], Double(time) / 7)
        }
        #expect(throws: StoreError.self) { try writer.append(batch) }
        // Nothing of it, and it goes on.
        #expect(try store.snapshot().samples(refs[0]).count == 300)
        batch.removeAll()
        batch.beginRow(at: Timestamp(milliseconds: 301))
        batch.add(refs[0], 1)
        #expect(try writer.append(batch).stored == 1)
    }
}
