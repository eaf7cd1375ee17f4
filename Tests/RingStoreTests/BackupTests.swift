import Foundation
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct ABackupIsTheStoreAtOneMoment {
    private func backup(
        _ store: RingStore, _ options: StoreOptions, into directory: any StorageDirectory,
        between: () throws -> Void = {}
    ) throws {
        var backup = StoreBackup(store, options: options)
        var receiver = try BackupReceiver(directory: directory)
        while let bytes = try backup.next() {
            // Wherever the network cuts.
            for start in stride(from: 0, to: bytes.count, by: 1000) {
                try receiver.take(bytes[start..<min(start + 1000, bytes.count)])
            }
            try between()
        }
        try receiver.finish()
    }

    /// What is in the copy is what was acknowledged before it began, and what came meanwhile is not.
    @Test(arguments: [1, 2, 3] as [UInt64]) func whileTheWriterGoesOn(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let options = StoreOptions.tiny()
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var judge = Judge()
        var workload = Workload(seed: seed)
        for _ in 0..<30 {
            let messages = workload.batch(messages: 30)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        let copy = SimulatedDisk(seed: seed)
        try backup(store, options, into: copy.directory) {
            _ = try writer.append(writer.batch(workload.batch(messages: 3)))
        }
        let inspection = try StoreInspection.verify(copy.directory)
        #expect(inspection.isHealthy, "\(inspection.damage)")
        // A power cut after the backup was finished takes nothing of it.
        copy.restart()
        let (restored, again) = try RingStore.open(directory: copy.directory, options: options)
        #expect(try judge.complaints(restored, nil).isEmpty)
        #expect(restored.statistics.damagedFrames + restored.statistics.damagedChunks == 0)
        let messages = workload.batch(messages: 20)
        _ = try again.append(again.batch(messages))
        judge.acknowledge(messages)
        #expect(try judge.complaints(restored, nil).isEmpty)
    }

    /// A ring that turns while it is copied: what is left is whole, and ends with what was acknowledged last.
    @Test func whileTheRingTurns() throws {
        let disk = SimulatedDisk(seed: 4)
        let options = StoreOptions.tiny(segments: 8)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var judge = Judge()
        var workload = Workload(seed: 4)
        while store.statistics.evictedSegments < 3 {
            let messages = workload.batch(messages: 30)
            judge.hand(messages)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        let copy = SimulatedDisk(seed: 4)
        let evicted = store.statistics.evictedSegments
        try backup(store, options, into: copy.directory) {
            while store.statistics.evictedSegments < evicted + 3 {
                _ = try writer.append(writer.batch(workload.batch(messages: 30)))
            }
        }
        let inspection = try StoreInspection.verify(copy.directory)
        #expect(inspection.isHealthy, "\(inspection.damage)")
        #expect(!inspection.segments.isEmpty && inspection.segments.count < 7)
        let (restored, _) = try RingStore.open(directory: copy.directory, options: options)
        let complaints = try judge.complaints(restored, nil) { _, _ in true }
        #expect(complaints.filter { !$0.contains("missing") }.isEmpty, "\(complaints.prefix(3))")
    }

    @Test func anEmptyStore() throws {
        let disk = SimulatedDisk(seed: 5)
        let (store, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        let copy = SimulatedDisk(seed: 5)
        try backup(store, .tiny(), into: copy.directory)
        #expect(try StoreInspection.verify(copy.directory).isHealthy)
        #expect(throws: BackupError.notEmpty(path: "simulated")) { try BackupReceiver(directory: copy.directory) }
    }

    @Test func aStreamThatIsBrokenOffOrDamagedIsNoBackup() throws {
        let disk = SimulatedDisk(seed: 6)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: 6)
        for _ in 0..<20 { _ = try writer.append(writer.batch(workload.batch(messages: 30))) }
        var backup = StoreBackup(store, options: .tiny())
        var all: [UInt8] = []
        while let bytes = try backup.next() { all += bytes }
        var random = SeededGenerator(seed: 6)
        for _ in 0..<50 {
            let copy = SimulatedDisk(seed: 6)
            var receiver = try BackupReceiver(directory: copy.directory)
            try receiver.take(all[..<Int(random.next() % UInt64(all.count))])
            #expect(throws: BackupError.brokenOff) { try receiver.finish() }
            var flipped = all
            flipped[Int(random.next() % UInt64(all.count))] ^= 1 << UInt8(random.next() % 8)
            var second = try BackupReceiver(directory: SimulatedDisk(seed: 7).directory)
            #expect(throws: BackupError.self) {
                try second.take(flipped)
                try second.finish()
            }
        }
    }

    @Test func restoringGivesAStoreItsFullSize() throws {
        let directory = try TemporaryDirectory()
        let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)
        let (store, writer) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.file("store")), options: options)
        var judge = Judge()
        var workload = Workload(seed: 8)
        for _ in 0..<20 {
            let messages = workload.batch(messages: 40)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        try backup(store, options, into: try POSIXDirectory(path: directory.file("backup")))
        let small = try StoreInspection.verify(try ReadOnlyDirectory(path: directory.file("backup")))
        #expect(small.isHealthy)
        #expect(small.files.reduce(0) { $0 + $1.allocatedBytes } < 1 << 20, "holes take no room")
        try StoreRestore.restore(
            from: try ReadOnlyDirectory(path: directory.file("backup")),
            to: try POSIXDirectory(path: directory.file("restored")))
        let (restored, again) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.file("restored")), options: options)
        #expect(try judge.complaints(restored, nil).isEmpty)
        #expect(restored.statistics.diskUsed == store.statistics.diskUsed)
        // In use, and later not empty.
        #expect(throws: BackupError.inUse(path: directory.file("restored"))) {
            try StoreRestore.restore(
                from: try ReadOnlyDirectory(path: directory.file("backup")),
                to: try POSIXDirectory(path: directory.file("restored")))
        }
        try again.close()
        #expect(throws: BackupError.notEmpty(path: directory.file("restored"))) {
            try StoreRestore.restore(
                from: try ReadOnlyDirectory(path: directory.file("backup")),
                to: try POSIXDirectory(path: directory.file("restored")))
        }
    }

    /// What lies beside the store is in the copy, byte for byte, and is put back.
    @Test func withWhatLiesBesideIt() throws {
        let disk = SimulatedDisk(seed: 5)
        let options = StoreOptions.tiny()
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        let registry = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let copy = SimulatedDisk(seed: 5)
        var backup = StoreBackup(store, options: options)
        backup.add(CompanionFile(.registry, registry))
        var receiver = try BackupReceiver(directory: copy.directory)
        while let bytes = try backup.next() { try receiver.take(bytes) }
        try receiver.finish()
        try writer.close()
        let target = SimulatedDisk(seed: 6)
        try StoreRestore.restore(from: copy.directory, to: target.directory)
        let file = try #require(try target.directory.open("registry.sqlite"))
        #expect(try file.readableBytes(Int(try file.length()), at: 0) == registry)
        #expect(try target.directory.open("alerts.sqlite") == nil)
        #expect(try StoreInspection.verify(target.directory).isHealthy)
    }
}
