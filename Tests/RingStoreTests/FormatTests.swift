import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AStoreOfAnOlderFormat {
    /// A store as a program of `format` would have marked it, with what was acknowledged.
    static func make(format: UInt16, seed: UInt64, closed: Bool) throws -> (disk: SimulatedDisk, judge: Judge) {
        let disk = SimulatedDisk(seed: seed)
        let (_, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: seed)
        var judge = Judge()
        for _ in 0..<20 {
            let messages = workload.batch(messages: 20)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        if closed { try writer.close() }
        disk.restart()
        mark(disk, format)
        return (disk, judge)
    }

    static func mark(_ disk: SimulatedDisk, _ format: UInt16) {
        disk.corrupt("super") { bytes in
            for slot in 0..<Superblock.slots {
                bytes[slot * Superblock.slotBytes + 12] = UInt8(format)
                bytes.withUnsafeMutableBytes { bytes in
                    let start = slot * Superblock.slotBytes
                    let used = UnsafeRawBufferPointer(
                        rebasing: UnsafeRawBufferPointer(bytes)[(start + 12)..<(start + 64)])
                    bytes.storeBytes(of: CRC32C.of(used), toByteOffset: start + 8, as: UInt32.self)
                }
            }
        }
    }

    /// Of each copy; nil for one that is not whole.
    private func formats(_ disk: SimulatedDisk) -> [UInt16?] {
        (0..<Superblock.slots).map { slot in
            let start = slot * Superblock.slotBytes
            let bytes = Array(disk.content("super")[start..<(start + Superblock.slotBytes)])
            guard case .whole(let found) = Superblock.slot(bytes) else { return nil }
            return found.format
        }
    }

    /// The power goes at each call of the opening.
    @Test(arguments: [true, false]) func isMarkedAndKeepsWhatItHas(closed: Bool) throws {
        let (disk, judge) = try Self.make(format: 5, seed: 3, closed: closed)
        #expect(formats(disk) == [5, 5, 5, 5])
        let log = disk.content("log")
        disk.recordInterruptions()
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(formats(disk) == [6, 6, 6, 6])
        #expect(try judge.complaints(store, writer).isEmpty && store.statistics.damagedFrames == 0)
        var (cuts, isMixed) = (0, false)
        for (call, cut) in disk.takeInterruptions() {
            cuts += 1
            let found = formats(cut)
            isMixed = isMixed || Set(found).count > 1
            // Nothing is written to the log before an older program refuses the store.
            if !found.contains(6) { #expect(cut.content("log") == log, "call \(call)") }
            let (store, writer) = try RingStore.open(directory: cut.directory, options: .tiny())
            #expect(formats(cut) == [6, 6, 6, 6], "call \(call)")
            #expect(try judge.complaints(store, writer).isEmpty, "call \(call)")
        }
        #expect(cuts > 8 && isMixed)
    }

    @Test func isInspectedAndReadAsItIs() throws {
        let (disk, judge) = try Self.make(format: 5, seed: 4, closed: false)
        let before = disk.content("super")
        let inspection = try StoreInspection.verify(disk.directory)
        #expect(inspection.format == 5 && inspection.isHealthy, "\(inspection.damage)")
        #expect(disk.content("super") == before)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(try StoreInspection.verify(disk.directory).format == 6)
        #expect(try judge.complaints(store, writer).isEmpty)
        // A backup is what an opened store is.
        let copy = SimulatedDisk(seed: 5)
        var backup = StoreBackup(store, options: .tiny())
        var receiver = try BackupReceiver(directory: copy.directory)
        while let bytes = try backup.next() { try receiver.take(bytes) }
        try receiver.finish()
        #expect(formats(copy) == [6, 6, 6, 6])
        // One of an older program is copied as it is, and opens.
        Self.mark(copy, 5)
        let target = SimulatedDisk(seed: 6)
        try StoreRestore.restore(from: copy.directory, to: target.directory)
        #expect(formats(target) == [5, 5, 5, 5])
        let (restored, _) = try RingStore.open(directory: target.directory, options: .tiny())
        #expect(try judge.complaints(restored, nil).isEmpty && formats(target) == [6, 6, 6, 6])
    }

    @Test(arguments: [Superblock.oldestVersion - 1, Superblock.version + 1]) func isRefusedIfItIsNotKnown(
        version: UInt16
    ) throws {
        let (disk, _) = try Self.make(format: version, seed: 10, closed: false)
        let before = disk.content("super")
        let expected: StoreError =
            version > Superblock.version
            ? .newerFormat(path: "simulated/super", version: version, known: Superblock.version)
            : .olderFormat(path: "simulated/super", version: version, known: Superblock.version)
        #expect(throws: expected) {
            _ = try RingStore.open(directory: disk.directory, options: .tiny())
        }
        #expect(throws: InspectionError.self) { _ = try StoreInspection.verify(disk.directory) }
        #expect(disk.content("super") == before)
    }
}
