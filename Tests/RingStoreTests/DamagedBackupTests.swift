import Foundation
import Glibc
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct ADamagedStoreCanBeBackedUpAndRestored {
    /// A real store with some segments, and what was acknowledged.
    private func fill(_ path: String, _ options: StoreOptions) throws -> (Judge, RingStore, StoreWriter) {
        var judge = Judge()
        var workload = Workload(seed: 71)
        let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        while store.statistics.sealedSegments < 3 {
            let messages = workload.batch(messages: 60)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        return (judge, store, writer)
    }

    private func flip(_ path: String, at offset: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: offset)
        try file.write(contentsOf: [byte ^ 4])
        try file.close()
    }

    private func middle(of store: RingStore) throws -> (offset: UInt64, rows: Int, columns: Int) {
        let state = store.snapshot().state
        let entry = try #require(state.segments.first)
        let chunk = try #require(store.shared.pool.index(of: entry)?.entries.first { $0.length > 200 })
        return (
            store.shared.pool.offset(of: entry.slot) + UInt64(chunk.offset) + 150, Int(chunk.rows),
            state.catalogue.columnCount(of: chunk.key) ?? 0
        )
    }

    private func backUp(_ store: RingStore, _ options: StoreOptions, into path: String) throws {
        var backup = StoreBackup(store, options: options)
        var receiver = try BackupReceiver(directory: try POSIXDirectory(path: path))
        while let bytes = try backup.next() { try receiver.take(bytes) }
        try receiver.finish()
    }

    /// One bit in a chunk of the store, another one in the backup: each costs its chunk in what is restored, and is named.
    @Test func whereverTheDamageIs() throws {
        let directory = try TemporaryDirectory()
        let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)
        let (judge, store, writer) = try fill(directory.file("store"), options)
        let place = try middle(of: store)
        try flip(directory.file("store") + "/pool", at: place.offset)
        try backUp(store, options, into: directory.file("backup"))
        try writer.close()
        let copy = try StoreInspection.verify(try ReadOnlyDirectory(path: directory.file("backup")))
        #expect(copy.damage.count == 1 && copy.damage.first?.file == "pool", "\(copy.damage)")
        try flip(directory.file("backup") + "/super", at: 30)
        try StoreRestore.restore(
            from: try ReadOnlyDirectory(path: directory.file("backup")),
            to: try POSIXDirectory(path: directory.file("restored")))
        let restored = try StoreInspection.verify(try ReadOnlyDirectory(path: directory.file("restored")))
        #expect(Set(restored.damage.map(\.file)) == ["pool", "super"], "\(restored.damage)")
        let (again, _) = try RingStore.open(
            directory: try POSIXDirectory(path: directory.file("restored")), options: options)
        let complaints = try judge.complaints(again, nil)
        // Of a corrected row the corrections are elsewhere.
        let lost = place.rows * place.columns
        #expect(complaints.count <= lost && complaints.count > lost / 2, "\(complaints.prefix(3))")
        #expect(complaints.allSatisfy { $0.hasSuffix("is missing") })
    }

    /// A block of the disk that cannot be read at all costs the chunks in it.
    @Test func blocksThatCannotBeRead() throws {
        let directory = try TemporaryDirectory()
        let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)
        let (_, _, writer) = try fill(directory.file("store"), options)
        try writer.close()
        let rotten = RottenDirectory(try ReadOnlyDirectory(path: directory.file("store")), file: "pool", block: 1)
        try StoreRestore.restore(from: rotten, to: try POSIXDirectory(path: directory.file("restored")))
        let whole = try Data(contentsOf: URL(fileURLWithPath: directory.file("store") + "/pool"))
        let copied = try Data(contentsOf: URL(fileURLWithPath: directory.file("restored") + "/pool"))
        #expect(copied[..<4096] == whole[..<4096] && copied[8192...] == whole[8192...])
        #expect(copied[4096..<8192].allSatisfy { $0 == 0 } && !whole[4096..<8192].allSatisfy { $0 == 0 })
        // A disk that reads nothing at all is no damage, but gone.
        #expect(throws: BackupError.self) {
            try StoreRestore.restore(
                from: RottenDirectory(try ReadOnlyDirectory(path: directory.file("store")), file: "pool", block: nil),
                to: try POSIXDirectory(path: directory.file("other")))
        }
    }
}

/// A directory in which a block of one file, or all of the file, cannot be read.
private final class RottenDirectory: StorageDirectory {
    private let base: any StorageDirectory
    private let name: String
    private let block: UInt64?

    init(_ base: any StorageDirectory, file: String, block: UInt64?) {
        self.base = base
        name = file
        self.block = block
    }

    var path: String { base.path }
    func open(_ name: String) throws(FileError) -> (any StorageFile)? {
        guard let file = try base.open(name) else { return nil }
        return name == self.name ? RottenFile(file, block) : file
    }
    func create(_ name: String) throws(FileError) -> any StorageFile { try base.create(name) }
    func sync() throws(FileError) { try base.sync() }
    func freeBytes() throws(FileError) -> UInt64 { try base.freeBytes() }
    func lock() throws(FileError) -> any DirectoryLock { try base.lock() }
}

private final class RottenFile: StorageFile {
    private let base: any StorageFile
    private let block: UInt64?

    init(_ base: any StorageFile, _ block: UInt64?) {
        self.base = base
        self.block = block
    }

    func length() throws(FileError) -> UInt64 { try base.length() }
    func allocatedBytes() throws(FileError) -> UInt64 { try base.allocatedBytes() }
    func preallocate(_ length: UInt64) throws(FileError) { try base.preallocate(length) }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) {
        let end = offset + UInt64(buffer.count)
        if block.map({ offset < ($0 + 1) * 4096 && end > $0 * 4096 }) ?? true {
            throw FileError(operation: "pread", path: "rotten", code: EIO)
        }
        try base.read(into: buffer, at: offset)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) {
        try base.write(bytes, at: offset)
    }
    func sync() throws(FileError) { try base.sync() }
}
