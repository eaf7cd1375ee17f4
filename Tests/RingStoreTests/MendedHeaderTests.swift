import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AFlippedBitInAFrameHeaderCostsNothing {
    /// Every bit of every frame that counts: head chunks, checkpoints, readings.
    @Test(arguments: [81, 82] as [UInt64]) func anyBit(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let judge = try disk.fill(segments: 3, seed: seed)
        disk.restart()
        guard case .whole(let superblock) = Superblock.slot(Array(disk.content("super").prefix(Superblock.slotBytes)))
        else {
            Issue.record("no superblock")
            return
        }
        let file = try #require(try disk.fork().directory.open("log"))
        let scan = LogScan(file, capacity: superblock.geometry.logBytes, store: superblock.store)
        let frames = scan.chain(file).frames
        #expect(Set(frames.map(\.header.kind)).isSuperset(of: [.headChunks, .checkpoint, .readings]))
        var random = SeededGenerator(seed: seed)
        for found in frames {
            // All bits of a header take a minute: a few, and the first of each field.
            let bits = [0, 32, 64, 128, 192, 256, 320, 352, 384] + (0..<6).map { _ in Int(random.next() % 512) }
            for bit in bits {
                let copy = disk.fork()
                copy.corrupt("log") { $0[Int(found.offset) + bit / 8] ^= 1 << UInt8(bit % 8) }
                let what = "seed \(seed), frame \(found.header.sequence) (\(found.header.kind)), bit \(bit)"
                #expect(try !StoreInspection.verify(copy.directory).isHealthy, "\(what)")
                let (store, _) = try RingStore.open(directory: copy.directory, options: .tiny())
                #expect(try judge.complaints(store, nil).isEmpty, "\(what)")
                #expect(store.statistics.damagedFrames == 1, "\(what)")
                copy.restart()
                #expect(try StoreInspection.verify(copy.directory).isHealthy, "\(what): not written anew")
            }
        }
    }

    /// Two flipped bits, and other bytes, make no header.
    @Test func nothingElseIsTakenForAHeader() {
        var frame = ByteWriter()
        Frame.begin(&frame)
        frame.append([UInt8](repeating: 7, count: 100))
        Frame.finish(
            &frame, payloadBytes: 100, store: 99, sequence: 5, previous: 4, base: 3, first: 0, kind: .headChunks)
        let whole = [UInt8](frame.bytes.prefix(Frame.headerBytes))
        var random = SeededGenerator(seed: 83)
        for _ in 0..<2000 {
            var bytes = whole
            var flipped: Set<Int> = []
            let count = 2 + Int(random.next() % 3)
            while flipped.count < count { flipped.insert(Int(random.next() % UInt64(8 * Frame.headerBytes))) }
            for bit in flipped { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
            #expect(bytes.withUnsafeBytes { Frame.mendedHeader($0, store: 99) } == nil, "seed 83, bits \(flipped)")
        }
        #expect(whole.withUnsafeBytes { Frame.mendedHeader($0, store: 98) } == nil)
    }
}
