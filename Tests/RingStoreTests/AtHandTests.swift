import Glibc
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

/// What is at hand is read without waiting for the disk.
@Suite struct WhatTheKernelHasIsAtHand {
    /// File systems such as tmpfs do not tell.
    private func tells(_ file: any StorageFile) -> Bool { file.cachedBytes(1, at: 0) != nil }

    private func dropFromMemory(_ path: String) {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        _ = fdatasync(descriptor)
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    @Test func andAllOfItOrNothing() throws {
        let directory = try TemporaryDirectory()
        let file = try POSIXDirectory(path: directory.path).create("file")
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        guard tells(file) else { return }
        #expect(file.cachedBytes(9000, at: 5000) == Array(bytes[5000..<14_000]))
        #expect(file.cachedBytes(9000, at: 15_000) == nil)
        #expect(file.cachedBytes(1, at: .max) == nil)
        dropFromMemory(directory.file("file"))
        #expect(file.cachedBytes(9000, at: 5000) == nil)
        _ = try file.bytes(9000, at: 5000)
        #expect(file.cachedBytes(9000, at: 5000) == Array(bytes[5000..<14_000]))
    }

    /// Whether samples can be read at once; they are.
    private func isAtHand(_ snapshot: StoreSnapshot, _ series: SeriesRef, in range: ClosedRange<Timestamp>) throws
        -> Bool
    {
        try snapshot.scanAtHand(series, in: range) { _ in true }
    }

    /// A store with two segments at least, and a chunk of the first.
    private func filled(
        _ path: String, seed: UInt64
    ) throws -> (store: RingStore, writer: StoreWriter, entry: SegmentEntry, chunk: SegmentIndex.Entry) {
        let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)
        let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        var workload = Workload(seed: seed)
        repeat {
            _ = try writer.append(writer.batch(workload.batch(messages: 5000)))
        } while store.snapshot().state.segments.count < 2
        let entry = try #require(store.snapshot().state.segments.first)
        let chunks = try #require(store.shared.pool.index(of: entry)).entries
        return (store, writer, entry, try #require(chunks.first { $0.rows > 1 }))
    }

    @Test func alsoOfSegments() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        let (store, writer, entry, chunk) = try filled(path, seed: 62)
        let snapshot = store.snapshot()
        let pool = snapshot.pool
        let series = SeriesRef(index: try #require(snapshot.state.catalogue.columns(of: chunk.key)?.first))
        let range = Timestamp(milliseconds: chunk.firstTime)...Timestamp(milliseconds: chunk.lastTime)
        guard tells(pool.file) else { return }
        #expect(try isAtHand(snapshot, series, in: range))
        // Known from now on, whatever the kernel forgets.
        dropFromMemory(path + "/pool")
        #expect(try isAtHand(snapshot, series, in: range))
        pool.chunks.forget(entry.sequence)
        dropFromMemory(path + "/pool")
        #expect(try !isAtHand(snapshot, series, in: range))
        try snapshot.scan(series, in: range) { _ in true }
        #expect(try isAtHand(snapshot, series, in: range))
        // Where chunks are has to be known, too.
        pool.forget(entry.sequence)
        #expect(try !isAtHand(snapshot, series, in: range))
        try writer.close()
    }

    /// Of what is written over tiers would have to be read.
    @Test func butNotWhatIsWrittenOver() throws {
        let directory = try TemporaryDirectory()
        let (store, writer) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.file("store")), options: .tiny())
        var workload = Workload(seed: 64)
        while store.snapshot().state.evictedThrough == .min {
            _ = try writer.append(writer.batch(workload.batch(messages: 500)))
        }
        let snapshot = store.snapshot()
        for entry in snapshot.state.segments { _ = snapshot.pool.index(of: entry) }
        let evicted = Timestamp(milliseconds: snapshot.state.evictedThrough)
        let series = (0..<UInt32(snapshot.state.catalogue.series.count)).map(SeriesRef.init)
        let behind = evicted.advanced(byMilliseconds: 1)
        #expect(try series.allSatisfy { try !isAtHand(snapshot, $0, in: evicted...behind) })
        if tells(snapshot.pool.file) {
            #expect(try series.contains { try isAtHand(snapshot, $0, in: behind...behind) })
        }
        try writer.close()
    }

    /// Who may wait finds out what is wrong, and says so.
    @Test func andNothingThatIsDamaged() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        let (store, writer, entry, chunk) = try filled(path, seed: 63)
        let pool = store.shared.pool
        guard tells(pool.file) else { return }
        pool.chunks.forget(entry.sequence)
        let place = pool.offset(of: entry.slot) + UInt64(chunk.offset + chunk.length) - 9
        var byte = try pool.file.bytes(1, at: place)
        byte[0] ^= 1
        try byte.withUnsafeBytes { try pool.file.write($0, at: place) }
        let before = store.statistics.damagedChunks
        #expect(!pool.isAtHand(chunk, of: entry))
        #expect(store.statistics.damagedChunks == before)
        #expect(pool.known(chunk, of: entry) == nil)
        #expect(store.statistics.damagedChunks == before + 1)
        try writer.close()
    }
}
