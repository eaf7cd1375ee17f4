import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct WhatIsInTheLogIsNotWrittenAgain {
    /// A store on a simulated disk, and what was sent to it.
    private struct Home {
        let disk: SimulatedDisk
        let worker = SteppedWorker()
        let store: RingStore
        let writer: StoreWriter
        var judge = Judge()
        var workload: Workload

        init(seed: UInt64) throws {
            disk = SimulatedDisk(seed: seed)
            workload = Workload(seed: seed)
            var options = StoreOptions.tiny()
            options.sealingWorker = { [worker] in worker }
            (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        }

        mutating func append(messages: Int) throws {
            let messages = workload.batch(messages: messages)
            judge.hand(messages)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }

        /// Begins a segment, appends batches while it is made, and lets it count. Returns what that wrote to the log.
        mutating func seal(during batches: Int) throws -> UInt64 {
            while !writer.isSealing { try append(messages: 20) }
            for _ in 0..<batches { try append(messages: 12) }
            let sealed = store.statistics.sealedSegments
            let before = writer.log.bytesWritten
            worker.step()
            _ = try writer.append(Batch())
            #expect(store.statistics.sealedSegments == sealed + 1)
            return writer.log.bytesWritten - before
        }

        /// The frames that hold.
        func chain() throws -> LogScan.Chain {
            let slot = Array(disk.content("super").prefix(Superblock.slotBytes))
            guard case .whole(let superblock) = Superblock.slot(slot),
                let file = try disk.fork().directory.open("log")
            else { return LogScan.Chain() }
            return LogScan(file, capacity: superblock.geometry.logBytes, store: superblock.store).chain(file)
        }

        func complaints(_ disk: SimulatedDisk, knowsIdentities: Bool = true) throws -> [String] {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
            return try judge.complaints(store, knowsIdentities ? writer : nil)
        }
    }

    /// However much comes while a segment is made: the checkpoint refers to the frames that hold it.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func whenASegmentCounts(seed: UInt64) throws {
        var idle = try Home(seed: seed)
        let least = try idle.seal(during: 0)
        var busy = try Home(seed: seed)
        let written = try busy.seal(during: 12)
        #expect(written <= least + 2 * UInt64(Frame.block), "seed \(seed): \(written) instead of \(least) bytes")
        let chain = try busy.chain()
        #expect(chain.frames.contains { $0.header.kind == .readings && $0.header.sequence < chain.base })
        busy.disk.restart()
        let complaints = try busy.complaints(busy.disk.fork())
        #expect(complaints.isEmpty, "seed \(seed): \(complaints.prefix(3))")
    }

    /// Until the checkpoint's sync has come back either of its copies may be the only one that reached the disk.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func andEitherCopyOfTheCheckpointFindsIt(seed: UInt64) throws {
        var home = try Home(seed: seed)
        _ = try home.seal(during: 12)
        home.disk.restart()
        let copies = try home.chain().frames.filter { $0.header.kind == .checkpoint }.suffix(2)
        #expect(copies.count == 2)
        for copy in copies {
            let disk = home.disk.fork()
            disk.corrupt("log") { bytes in for byte in 0..<Frame.block { bytes[Int(copy.offset) + byte] = 0 } }
            let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
            let complaints = try home.judge.complaints(store, writer)
            #expect(complaints.isEmpty, "seed \(seed): \(complaints.prefix(3))")
            #expect(store.statistics.damagedFrames == 0)
        }
    }

    /// The frames behind a checkpoint say from where on frames are needed.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func andWithoutBothCopiesNoReadingIsLost(seed: UInt64) throws {
        var home = try Home(seed: seed)
        _ = try home.seal(during: 12)
        try home.append(messages: 5)
        home.disk.restart()
        for copy in try home.chain().frames where copy.header.kind == .checkpoint {
            home.disk.corrupt("log") { $0[Int(copy.offset) + Frame.headerBytes] ^= 1 }
        }
        let complaints = try home.complaints(home.disk.fork(), knowsIdentities: false)
        #expect(complaints.isEmpty, "seed \(seed): \(complaints.prefix(3))")
    }

    /// A home's few readings for each sync do not take a block of the log for ever. The power goes at each call.
    @Test(arguments: [1, 2, 3] as [UInt64]) func fewReadingsASyncShareABlock(seed: UInt64) throws {
        var home = try Home(seed: seed)
        let checkpoint = home.writer.log.base
        home.disk.recordInterruptions()
        _ = home.disk.takeInterruptions()
        var cuts = 0
        for _ in 0..<60 {
            let message = home.workload.batch(messages: 1)
            home.judge.hand(message)
            _ = try home.writer.append(home.writer.batch(message))
            for (call, disk) in home.disk.takeInterruptions() {
                cuts += 1
                let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
                let complaints = try home.judge.complaints(store, writer)
                #expect(complaints.isEmpty, "seed \(seed), power cut at call \(call): \(complaints.prefix(3))")
                #expect(store.statistics.damagedFrames == 0)
            }
            home.judge.acknowledge(message)
        }
        #expect(cuts > 100)
        #expect(home.writer.log.base == checkpoint && home.store.statistics.syncs >= 50)
        #expect(home.writer.log.used < 16 * UInt64(Frame.block))
        home.disk.restart()
        #expect(try home.complaints(home.disk.fork()).isEmpty)
    }
}
