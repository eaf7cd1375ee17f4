import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct LogBlocksInWrongPlacesDoNotStopTheStore {
    private func swap(_ disk: SimulatedDisk, _ a: Int, _ b: Int) {
        disk.corrupt("log") { bytes in
            for index in 0..<Frame.block { bytes.swapAt(a * Frame.block + index, b * Frame.block + index) }
        }
    }

    /// Opens the store, takes more in than the log holds, and opens it again.
    private func goOn(_ disk: SimulatedDisk, _ judge: Judge, seed: UInt64, _ what: String) throws -> [String] {
        var judge = judge
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var workload = Workload(seed: seed &+ 1000, devices: 2)
        let first = try judge.complaints(store, nil)
        #expect(first.allSatisfy { $0.contains("missing") || $0.contains("expected") }, "\(what): \(first.prefix(3))")
        let sealed = store.statistics.sealedSegments
        while store.statistics.sealedSegments < sealed + 4 {
            let messages = workload.batch(messages: 30)
            judge.hand(messages)
            _ = try writer.append(writer.batch(messages))
        }
        disk.restart()
        let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(again.statistics.damagedFrames == 0, "\(what): \(again.statistics.lastDamage ?? "")")
        return first
    }

    /// A block that counts and one that does not have changed places: where each is whole in itself nothing is lost.
    @Test(arguments: [51, 52, 53] as [UInt64]) func twoOfThem(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let judge = try disk.fill(segments: 8, seed: seed)
        disk.restart()
        let geometry = try #require(StoreOptions.tiny().geometry)
        let file = try #require(try disk.fork().directory.open("log"))
        let scan = LogScan(file, capacity: geometry.logBytes, store: try store(disk))
        let chain = scan.chain(file)
        let blocks = Int(geometry.logBytes) / Frame.block
        let small = chain.frames.dropLast().filter { $0.header.bytes == UInt64(Frame.block) }
            .map { Int($0.offset) / Frame.block }
        #expect(small.count >= 3)
        var random = SeededGenerator(seed: seed)
        var reported = 0
        for block in small.prefix(6) {
            for other in (0..<8).map({ _ in Int(random.next() % UInt64(blocks)) }) where other != block {
                let copy = disk.fork()
                swap(copy, block, other)
                let what = "seed \(seed), blocks \(block) and \(other)"
                let (opened, _) = try RingStore.open(directory: copy.fork().directory, options: .tiny())
                reported += opened.statistics.damagedFrames > 0 ? 1 : 0
                let lost = try goOn(copy, judge, seed: seed, what)
                // What stood at the other place may have been a part of a larger frame.
                let isWhole = !chain.frames.contains { found in
                    found.header.bytes > UInt64(Frame.block)
                        && (found.offset..<(found.offset + found.header.bytes)).contains(UInt64(other * Frame.block))
                }
                if isWhole { #expect(lost.isEmpty, "\(what): \(lost.prefix(3))") }
            }
        }
        #expect(reported > 10, "\(reported) reported")
    }

    private func store(_ disk: SimulatedDisk) throws -> UInt64 {
        guard case .whole(let found) = Superblock.slot(Array(disk.content("super").prefix(Superblock.slotBytes))) else {
            return 0
        }
        return found.store
    }

    /// Many blocks in any order, some of them twice: whatever that comes to, the store opens and goes on.
    @Test(arguments: [61, 62] as [UInt64]) func manyOfThem(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let judge = try disk.fill(segments: 8, seed: seed)
        disk.restart()
        var random = SeededGenerator(seed: seed)
        let blocks = disk.content("log").count / Frame.block
        for round in 0..<20 {
            let copy = disk.fork()
            for _ in 0..<(1 + random.next() % 64) {
                let (a, b) = (Int(random.next() % UInt64(blocks)), Int(random.next() % UInt64(blocks)))
                if random.next() % 4 == 0 {
                    copy.corrupt("log") { bytes in
                        for index in 0..<Frame.block { bytes[a * Frame.block + index] = bytes[b * Frame.block + index] }
                    }
                } else if a != b {
                    swap(copy, a, b)
                }
            }
            _ = try goOn(copy, judge, seed: seed, "seed \(seed), round \(round)")
        }
    }
}
