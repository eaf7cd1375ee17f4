import Glibc
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AFailingDiskLosesNothingThatWasAcknowledged {
    /// Appends each batch until it is taken, as a broker that is not acknowledged would send it again.
    private func run(
        _ disk: SimulatedDisk, _ plan: [[PlannedMessage]], _ judge: inout Judge, attempts: Int = 4
    ) throws -> (failures: Int, complaints: [String]) {
        var failures = 0
        var opened: (store: RingStore, writer: StoreWriter)?
        for _ in 0..<attempts {
            do {
                opened = try RingStore.open(directory: disk.directory, options: .tiny())
                break
            } catch {
                failures += 1
            }
        }
        guard let (store, writer) = opened else { return (failures, ["the store did not open"]) }
        for messages in plan {
            judge.hand(messages)
            var taken = false
            for _ in 0..<attempts where !taken {
                do {
                    _ = try writer.append(writer.batch(messages))
                    taken = true
                } catch {
                    failures += 1
                    #expect(store.statistics.writeError != nil)
                }
            }
            if taken { judge.acknowledge(messages) } else { return (failures, ["a batch was never taken"]) }
        }
        return (failures, try judge.complaints(store, writer))
    }

    private func plan(_ seed: UInt64, _ batches: Int) -> [[PlannedMessage]] {
        var workload = Workload(seed: seed)
        return (0..<batches).map { _ in workload.batch(messages: 30) }
    }

    /// Every call fails in turn, once or twice in a row, with EIO or ENOSPC; then the power goes. Reads are tried three
    /// times.
    @Test(arguments: [(21, 1, EIO), (22, 2, EIO), (23, 2, ENOSPC)] as [(UInt64, Int, Int32)])
    func atEveryCall(seed: UInt64, count: Int, code: Int32) throws {
        let plan = plan(seed, 12)
        let whole = SimulatedDisk(seed: seed)
        var untouched = Judge()
        _ = try run(whole, plan, &untouched)
        var failed = 0
        for call in 0..<whole.calls {
            let disk = SimulatedDisk(seed: seed &+ UInt64(call) << 8)
            disk.fail(atCall: call, count: count, code: code)
            var judge = Judge()
            let what = "seed \(seed), \(count) × error \(code) at call \(call)"
            let (failures, complaints) = try run(disk, plan, &judge)
            failed += failures
            #expect(complaints.isEmpty, "\(what): \(complaints.prefix(3))")
            disk.restart()
            let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
            let later = try judge.complaints(store, writer)
            #expect(later.isEmpty, "\(what), after a restart: \(later.prefix(3))")
        }
        #expect(failed > 0)
        print("error \(code) at each of \(whole.calls) calls, seed \(seed)")
    }

    /// A full disk that is not cleared for hours: each batch is tried again and again. What failed must not use up the log.
    @Test(arguments: [27, 28, 29] as [UInt64]) func whereItRefusesForHours(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var judge = Judge()
        var random = SeededGenerator(seed: seed)
        for messages in plan(seed, 200) {
            judge.hand(messages)
            if Int.random(in: 0..<3, using: &random) == 0 {
                disk.failWrites(ENOSPC)
                for _ in 0..<Int.random(in: 1...60, using: &random) {
                    #expect(throws: StoreError.self) { try writer.append(writer.batch(messages)) }
                }
                disk.failWrites(nil)
            }
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        let complaints = try judge.complaints(store, writer)
        #expect(complaints.isEmpty, "seed \(seed): \(complaints.prefix(3))")
        #expect(store.statistics.writeError == nil, "seed \(seed)")
    }

    /// The process dies of the first error that reaches it. The kernel then shows the next process what a failed sync has
    /// marked clean, and a power cut takes it away unless it was written anew.
    @Test(arguments: [25, 26] as [UInt64]) func atEveryCallAndThenKilled(seed: UInt64) throws {
        let plan = plan(seed, 12)
        let whole = SimulatedDisk(seed: seed)
        var untouched = Judge()
        _ = try run(whole, plan, &untouched)
        for call in 0..<whole.calls {
            let disk = SimulatedDisk(seed: seed &+ UInt64(call) << 8)
            disk.fail(atCall: call, count: 2)
            var judge = Judge()
            var next = 0
            if let (store, writer) = try? RingStore.open(directory: disk.directory, options: .tiny()) {
                while next < plan.count, store.statistics.writeError == nil {
                    judge.hand(plan[next])
                    guard (try? writer.append(writer.batch(plan[next]))) != nil else { break }
                    judge.acknowledge(plan[next])
                    next += 1
                }
            }
            disk.killProcess()
            let what = "seed \(seed), two errors from call \(call), then killed"
            let (_, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
            for messages in plan[next...].prefix(2) {
                judge.hand(messages)
                _ = try writer.append(writer.batch(messages))
                judge.acknowledge(messages)
            }
            disk.restart()
            let (store, again) = try RingStore.open(directory: disk.directory, options: .tiny())
            let complaints = try judge.complaints(store, again)
            #expect(complaints.isEmpty, "\(what): \(complaints.prefix(3))")
        }
        print("killed after errors at each of \(whole.calls) calls, seed \(seed)")
    }

    @Test func aSyncThatFailsOnceIsRepeatedWithTheFramesAnew() throws {
        let disk = SimulatedDisk(seed: 3)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        let plan = plan(3, 1)
        let before = writer.log.next
        // The next calls are the write of the frame and its sync.
        disk.fail(atCall: disk.calls + 1)
        _ = try writer.append(writer.batch(plan[0]))
        #expect(writer.log.next - before >= 2 * UInt64(Frame.block), "the second attempt must not reuse the blocks")
        #expect(store.statistics.writeError == nil)
        disk.restart()
        var judge = Judge()
        judge.acknowledge(plan[0])
        let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(try judge.complaints(again, nil).isEmpty)
        #expect(again.statistics.damagedFrames == 0)
    }

    /// A checkpoint whose sync fails may be on the disk all the same, and name a segment. The slot of that segment must
    /// not be written over before it is certain that the checkpoint does not count.
    @Test func aCheckpointThatMayCountNamesNoSlotThatIsWrittenOver() throws {
        let plan = plan(5, 14)
        let whole = SimulatedDisk(seed: 5)
        var untouched = Judge()
        _ = try run(whole, plan, &untouched)
        var uncertain = 0
        var cuts = 0
        for call in 0..<whole.calls {
            let disk = SimulatedDisk(seed: 5 &+ UInt64(call) << 8)
            disk.fail(atCall: call)
            guard let (_, writer) = try? RingStore.open(directory: disk.directory, options: .tiny()) else { continue }
            var judge = Judge()
            for messages in plan where !writer.checkpointIsUncertain {
                judge.hand(messages)
                if (try? writer.append(writer.batch(messages))) != nil { judge.acknowledge(messages) }
            }
            guard writer.checkpointIsUncertain else { continue }
            uncertain += 1
            disk.recordInterruptions()
            // Nothing to write but what could not be finished before.
            _ = try writer.append(Batch())
            for (cut, disk) in disk.takeInterruptions() {
                cuts += 1
                let (store, again) = try RingStore.open(directory: disk.directory, options: .tiny())
                let complaints = try judge.complaints(store, again)
                #expect(complaints.isEmpty, "error at call \(call), power cut at call \(cut): \(complaints.prefix(3))")
                #expect(store.statistics.damagedChunks == 0, "error at call \(call), power cut at call \(cut)")
            }
        }
        #expect(uncertain > 0 && cuts > 10)
        print("\(uncertain) uncertain checkpoints, \(cuts) power cuts")
    }

    /// While nothing can be written, everything can be read; when the disk heals, the next batch is taken.
    @Test(arguments: [EIO, ENOSPC, EROFS]) func aDiskThatRefusesForLongAndHeals(code: Int32) throws {
        let disk = SimulatedDisk(seed: 4)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var judge = Judge()
        let plan = plan(4, 60)
        for messages in plan[..<20] {
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        disk.failWrites(code)
        for messages in plan[20..<50] {
            judge.hand(messages)
            #expect(throws: StoreError.self) { try writer.append(writer.batch(messages)) }
            #expect(store.statistics.writeError != nil)
        }
        #expect(try judge.complaints(store, nil).isEmpty)
        disk.failWrites(nil)
        for messages in plan[20...] {
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        #expect(store.statistics.writeError == nil)
        #expect(try judge.complaints(store, writer).isEmpty)
        disk.restart()
        let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(try judge.complaints(again, nil).isEmpty)
    }
}

@Suite struct DamageIsFoundAndCostsOnlyItself {
    /// A store with several segments, a checkpoint, and frames behind it; not closed.
    private func fill(_ disk: SimulatedDisk, seed: UInt64) throws -> Judge {
        var judge = Judge()
        var workload = Workload(seed: seed)
        let (_, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        var batches = 0
        while batches < 30 || writer.log.previous < writer.log.base + 9 {
            batches += 1
            // Small ones at the end, so that enough frames lie between two seals.
            let messages = workload.batch(messages: batches < 60 ? 30 : 3)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        return judge
    }

    private func missing(_ complaints: [String]) -> [String] { complaints.filter { $0.hasSuffix("is missing") } }

    /// Bits at random places of every file: nothing wrong is ever read, nothing crashes, and what is missing is little
    /// and was reported.
    @Test(arguments: ["super", "log", "pool", "catalogue"], [31, 32] as [UInt64])
    func flippedBits(file: String, seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let judge = try fill(disk, seed: seed)
        disk.restart()
        let original = disk.content(file)
        let total = judge.acknowledged.values.reduce(0) { $0 + $1.count }
        var random = SeededGenerator(seed: seed)
        var found = 0
        // What is not in use may rot unnoticed: places are chosen where something counts.
        var used = original.indices.filter { original[$0] != 0 }
        if file == "log" { used = Set(try bytesInUse(ofLogOn: disk)).intersection(used).sorted() }
        for _ in 0..<60 {
            let place = used[Int(random.next() % UInt64(used.count))]
            let bit = UInt8(1) << UInt8(random.next() % 8)
            let copy = disk.fork()
            copy.corrupt(file) { $0[place] ^= bit }
            let what = "seed \(seed), \(file), byte \(place), bit \(bit)"
            do {
                let (store, writer) = try RingStore.open(directory: copy.directory, options: .tiny())
                let complaints = try judge.complaints(store, nil)
                let missing = missing(complaints)
                // A late correction that is lost lets the value show that it had corrected.
                #expect(missing.count * 3 <= total, "\(what): \(missing.count) of \(total) missing")
                let statistics = store.statistics
                if !missing.isEmpty {
                    // The end of the log cannot be told from a write that was never finished.
                    #expect(
                        statistics.damagedFrames + statistics.damagedChunks > 0 || file == "log",
                        "\(what): not reported")
                }
                found += statistics.damagedFrames + statistics.damagedChunks > 0 ? 1 : 0
                _ = try writer.append(writer.batch([]))
            } catch {
                Issue.record("\(what): \(error)")
            }
        }
        // The catalogue's only page so far is mended from its copy without a word: a crash leaves the same.
        #expect(found > (file == "catalogue" ? -1 : 40), "\(file): \(found) of 60 flips found")
    }

    private func bytesInUse(ofLogOn disk: SimulatedDisk) throws -> [Int] {
        guard case .whole(let superblock) = Superblock.slot(Array(disk.content("super").prefix(Superblock.slotBytes))),
            let file = try disk.fork().directory.open("log")
        else { return [] }
        let scan = LogScan(file, capacity: superblock.geometry.logBytes, store: superblock.store)
        // Not the last one: its damage looks like a write that was never finished.
        return scan.chain(file).frames.dropLast().flatMap { found in
            let start = Int(found.offset)
            return start..<(start + Frame.headerBytes + found.header.payloadBytes)
        }
    }

    @Test func aDamagedChunkCostsOnlyItsRows() throws {
        let disk = SimulatedDisk(seed: 7)
        let judge = try fill(disk, seed: 7)
        disk.restart()
        let (store, _) = try RingStore.open(directory: disk.directory, options: .tiny())
        let entry = try #require(store.snapshot().state.segments.first)
        let index = try #require(store.shared.pool.index(of: entry))
        let chunk = try #require(index.entries.first { $0.rows > 1 && $0.key.kind != .late })
        disk.corrupt("pool") { $0[Int(store.shared.pool.offset(of: entry.slot)) + Int(chunk.offset) + 50] ^= 4 }
        let columns = store.snapshot().state.catalogue.columns(of: chunk.key)?.count ?? 0
        let complaints = try judge.complaints(store, nil)
        #expect(!missing(complaints).isEmpty)
        #expect(missing(complaints).count <= Int(chunk.rows) * columns)
        #expect(store.statistics.damagedChunks == 1)
        #expect(store.statistics.lastDamage?.contains("segment \(entry.sequence)") == true)
        // Seen again it is not counted again.
        _ = try judge.complaints(store, nil)
        #expect(store.statistics.damagedChunks == 1)
    }

    @Test(arguments: ["log", "pool", "catalogue"]) func aFileThatIsGone(file: String) throws {
        let disk = SimulatedDisk(seed: 8)
        _ = try fill(disk, seed: 8)
        disk.restart()
        disk.remove(file)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(store.statistics.damagedFrames > 0)
        var workload = Workload(seed: 99)
        var judge = Judge()
        let messages = workload.batch(messages: 5)
        _ = try writer.append(writer.batch(messages))
        judge.acknowledge(messages)
        for (labels, samples) in judge.acknowledged {
            let ref = try #require(
                store.snapshot().series(matching: labels.sorted.map { LabelMatcher($0.name, equals: $0.value) }).first)
            let times = Set(try store.snapshot().samples(ref).map(\.time.milliseconds))
            #expect(samples.keys.allSatisfy(times.contains))
        }
    }

    @Test func aLostSuperblockTouchesNothing() throws {
        let disk = SimulatedDisk(seed: 9)
        _ = try fill(disk, seed: 9)
        disk.restart()
        disk.remove("super")
        #expect(throws: StoreError.superblockLost(path: "simulated")) {
            _ = try RingStore.open(directory: disk.directory, options: .tiny())
        }
        #expect(!disk.content("log").allSatisfy { $0 == 0 })
    }
}
