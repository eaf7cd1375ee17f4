import Glibc
import Readings
import StorageSimulator
import Synchronization
import TestSupport
import Testing

@testable import RingStore

@Suite struct AppendsGoOnWhileASegmentIsMade {
    private func options(_ worker: any SealingWorker, segments: UInt32 = 64) -> StoreOptions {
        var options = StoreOptions.tiny(segments: segments)
        options.sealingWorker = { worker }
        return options
    }

    private func append(_ messages: [PlannedMessage], _ writer: StoreWriter, _ judge: inout Judge) throws {
        judge.hand(messages)
        _ = try writer.append(writer.batch(messages))
        judge.acknowledge(messages)
    }

    private func isRunning(_ writer: StoreWriter) -> Bool {
        if case .running = writer.sealing { true } else { false }
    }

    /// Late samples, repeated ones and corrections among them; what is asked for is answered all along.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func andNothingIsLostOrStoredTwice(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let worker = SteppedWorker()
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options(worker))
        var judge = Judge()
        var workload = Workload(seed: seed)
        var taken = 0
        for _ in 0..<12 {
            // Some while the job runs, and more between.
            while !isRunning(writer) { try append(workload.batch(messages: 20), writer, &judge) }
            let sealed = store.statistics.sealedSegments
            for _ in 0..<(1 + Int(seed) % 4) {
                try append(workload.batch(messages: 10), writer, &judge)
                taken += 1
                #expect(store.statistics.sealedSegments == sealed)
                let complaints = try judge.complaints(store, writer)
                #expect(complaints.isEmpty, "seed \(seed), running: \(complaints.prefix(3))")
            }
            worker.step()
            try append(workload.batch(messages: 1), writer, &judge)
            #expect(store.statistics.sealedSegments == sealed + 1)
            let complaints = try judge.complaints(store, writer)
            #expect(complaints.isEmpty, "seed \(seed), sealed: \(complaints.prefix(3))")
            let held = writer.state.segments.reduce(0) { $0 + $1.samples } + UInt64(writer.state.head.samples)
            let sent = judge.acknowledged.values.reduce(0) { $0 + $1.count }
            // A correction is a second sample at its instant until a segment holds both.
            #expect(held >= sent && held <= sent * 11 / 10, "seed \(seed): \(held) samples held, \(sent) sent")
        }
        #expect(store.statistics.sealingWaits == 0 && taken >= 12)
        try writer.close()
        let (again, reopened) = try RingStore.open(directory: disk.directory, options: options(SteppedWorker()))
        let complaints = try judge.complaints(again, reopened)
        #expect(complaints.isEmpty, "seed \(seed), reopened: \(complaints.prefix(3))")
        #expect(again.statistics.damagedFrames + again.statistics.damagedChunks == 0)
    }

    /// A group that fills a segment by itself comes before the others each time that the daemon begins anew: those must not wait
    /// for ever, where it does so often.
    @Test func nobodyWaitsForEverWhereTheDaemonIsRestartedOften() throws {
        let disk = SimulatedDisk(seed: 11)
        let options = StoreOptions.tiny()
        var random = SeededGenerator(seed: 11)
        var sealed: UInt64 = 0
        var time: Int64 = 0
        for life in 0..<8 {
            let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
            let refs = ["busy", "quiet"].compactMap { metric -> SeriesRef? in
                let labels: Labels = ["__name__": metric, "device": "d", "household": "h"]
                guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
                    return nil
                }
                return ref
            }
            try #require(refs.count == 2)
            while store.statistics.sealedSegments == 0 {
                var batch = Batch()
                for _ in 0..<50 {
                    time += 1000
                    batch.beginRow(at: Timestamp(milliseconds: time))
                    batch.add(refs[0], Double(bitPattern: random.next() >> 2))
                }
                if life == 0, time == 50_000 {
                    batch.beginRow(at: Timestamp(milliseconds: 1))
                    batch.add(refs[1], 1)
                }
                _ = try writer.append(batch)
            }
            sealed += store.statistics.sealedSegments
            if life == 7 {
                #expect(writer.state.head.firstTime(of: .single(refs[1].index)) == .max, "it waits since the beginning")
            }
            disk.restart()
        }
        #expect(sealed >= 8)
    }

    /// A real thread that is held at its job.
    @Test func untilMemoryOrLogHaveNoRoom() throws {
        let disk = SimulatedDisk(seed: 9)
        let worker = HeldWorker()
        var options = options(worker)
        // Of this the worker holds one segment up; the log has room for about eight.
        options.memoryBudget = 8 << 20
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options)
        var judge = Judge()
        var workload = Workload(seed: 9)
        while writer.state.head.expectedBytes < 4 * options.tinySegmentBytes {
            try append(workload.batch(messages: 20), writer, &judge)
        }
        #expect(isRunning(writer) && store.statistics.sealedSegments == 0 && store.statistics.sealingWaits == 0)
        #expect(try judge.complaints(store, writer).isEmpty)
        worker.release()
        while store.statistics.sealedSegments < 4 { try append(workload.batch(messages: 20), writer, &judge) }
        #expect(try judge.complaints(store, writer).isEmpty)
        try writer.close()
    }

    /// A worker that never does anything by itself: the writer waits for it where it must, and only there.
    @Test func andWaitOnlyWhereTheyMust() throws {
        let disk = SimulatedDisk(seed: 10)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: options(SteppedWorker()))
        var judge = Judge()
        var workload = Workload(seed: 10)
        var most = 0
        while store.statistics.sealedSegments < 6 {
            try append(workload.batch(messages: 20), writer, &judge)
            most = max(most, writer.state.head.mostEncodedBytes)
            #expect(store.statistics.logBytesUsed <= store.statistics.logBytes)
        }
        #expect(store.statistics.sealingWaits > 0)
        #expect(most <= writer.mostHeadBytes + 20 * 7 * 16)
        #expect(store.statistics.writeError == nil)
        #expect(try judge.complaints(store, writer).isEmpty)
        disk.restart()
        let (again, reopened) = try RingStore.open(directory: disk.directory, options: .tiny())
        #expect(try judge.complaints(again, reopened).isEmpty)
    }

    /// Every call of a job fails in turn: its slot is given up, the head stays, and the next job makes the segment.
    @Test func andAJobThatFailsIsBegunAnew() throws {
        var failures = 0
        for call in 0..<40 {
            let disk = SimulatedDisk(seed: UInt64(call))
            let worker = SteppedWorker()
            let (store, writer) = try RingStore.open(directory: disk.directory, options: options(worker))
            var judge = Judge()
            var workload = Workload(seed: 11)
            while !isRunning(writer) { try append(workload.batch(messages: 20), writer, &judge) }
            let before = disk.calls
            disk.fail(atCall: disk.calls + call)
            worker.step()
            guard disk.calls > before + call else { break }
            disk.fail(atCall: 0, count: 0)
            try append(workload.batch(messages: 20), writer, &judge)
            if store.statistics.sealedSegments == 0 {
                failures += 1
                #expect(store.statistics.writeError != nil, "call \(call)")
            }
            #expect(try judge.complaints(store, writer).isEmpty, "call \(call)")
            let killed = disk.fork()
            killed.killProcess()
            let (other, _) = try RingStore.open(directory: killed.directory, options: .tiny())
            #expect(try judge.complaints(other, nil).isEmpty, "killed after an error at call \(call)")
            #expect(other.statistics.damagedFrames + other.statistics.damagedChunks == 0, "call \(call)")
            while store.statistics.sealedSegments < 3 {
                worker.step()
                try append(workload.batch(messages: 20), writer, &judge)
            }
            #expect(store.statistics.writeError == nil)
            disk.restart()
            let (again, _) = try RingStore.open(directory: disk.directory, options: .tiny())
            #expect(try judge.complaints(again, nil).isEmpty, "call \(call)")
        }
        #expect(failures >= 3)
        print("\(failures) calls of a job failed")
    }
}

@Suite struct WhatIsInASegmentLeavesTheHead {
    /// A head grows, is taken as it is, grows further, with groups closed at any time. What is left is what came since
    /// and what the segment had no room for.
    @Test(arguments: 0..<200 as Range<UInt64>) func whateverBecameOfItsRowsSince(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var head = Head()
        let encoder = ChunkEncoder()
        let decoder = ChunkDecoder()
        var buffer = ByteWriter()
        let keys: [GroupKey] = [.shape(0), .shape(70), .single(3), .late(3), .late(4), .lateRows(70)]
        var now: Int64 = 0
        var rows: [GroupKey: [Int64: Double]] = [:]
        func grow(_ count: Int) {
            for _ in 0..<count {
                let key = keys[Int(random.next() % 6)]
                now += 1
                // Late ones come in any order; samples, but not rows, some of them again.
                let time =
                    switch key.kind {
                    case .late: Int64(random.next() % 40)
                    case .lateRows: now * 37 % 1009
                    case .shape, .single: now
                    }
                let value = Double(random.next() % 1000)
                let columns = key.kind == .shape || key.kind == .lateRows ? 3 : 1
                withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { values in
                    for column in 0..<3 { values[column] = value + Double(column) }
                    if let base = values.baseAddress {
                        _ = head.append(key, columns: columns, time: time, values: UnsafePointer(base))
                    }
                }
                rows[key, default: [:]][time] = value
                if random.next() % 30 == 0 {
                    head.close(keys[Int(random.next() % 6)], encoder: encoder, buffer: &buffer)
                }
            }
        }
        grow(Int(random.next() % 200))
        let frozen = head
        let before = rows
        rows = [:]
        grow(Int(random.next() % 200))
        var rest = Head(after: frozen)
        var expected = rows
        for key in keys where random.next() % 3 == 0 {
            var kept = before[key] ?? [:]
            if key.kind == .late {
                // What stays of late samples was encoded anew.
                var own = Head()
                own.takeOver(key, from: frozen)
                own.close(key, encoder: encoder, buffer: &buffer)
                own.forEachChunk { rest.append($0) }
            } else {
                rest.takeOver(key, from: frozen)
            }
            kept.merge(rows[key] ?? [:]) { $1 }
            expected[key] = kept
        }
        let left = head.afterSealing(frozen, except: rest, decoder: decoder, encoder: encoder, buffer: &buffer)
        for key in keys {
            let found = samples(of: key, in: left, decoder)
            if key.kind == .late {
                // A late sample that came again with the value that the segment has for it may be left out.
                let missing = (expected[key] ?? [:]).filter { found[$0.key] == nil && before[key]?[$0.key] != $0.value }
                #expect(missing.isEmpty, "seed \(seed)")
                for (time, value) in found { #expect(expected[key]?[time] == value, "seed \(seed), \(key), \(time)") }
            } else {
                #expect(found == expected[key] ?? [:], "seed \(seed), \(key)")
            }
        }
        let counted = left.samples
        var again = Head()
        for key in keys { again.takeOver(key, from: left) }
        #expect(counted == again.samples && left.chunkBytes == again.chunkBytes && left.openBytes == again.openBytes)
        #expect(left.openNumbers == again.openNumbers && left.openGroups == again.openGroups)
    }

    /// By time the first column; of several the one that came last.
    private func samples(of key: GroupKey, in head: Head, _ decoder: ChunkDecoder) -> [Int64: Double] {
        var found: [Int64: Double] = [:]
        guard let group = head.group(key) else { return found }
        for chunk in group.chunks {
            var samples: [Sample] = []
            chunk.bytes.withUnsafeBytes { try? decoder.appendSamples($0, column: 0, to: &samples) }
            for sample in samples { found[sample.time.milliseconds] = sample.value }
        }
        guard let block = group.block else { return found }
        for row in 0..<group.rows { found[block.time(ofRow: row)] = block.value(0, ofRow: row) }
        return found
    }
}

/// A thread that begins its jobs when it is released.
private final class HeldWorker: SealingWorker {
    private let thread = SealingThread()
    private let gate = Gate()

    private final class Gate: Sendable {
        let isOpen = Mutex(false)
        func wait() { while !isOpen.withLock({ $0 }) { usleep(200) } }
    }

    func run(_ job: @escaping @Sendable () -> Void) {
        thread.run { [gate] in
            gate.wait()
            job()
        }
    }

    func release() { gate.isOpen.withLock { $0 = true } }
    func wait() { thread.wait() }

    func stop() {
        release()
        thread.stop()
    }
}

extension StoreOptions {
    fileprivate var tinySegmentBytes: Int { Int(geometry?.segmentBytes ?? 0) }
}
