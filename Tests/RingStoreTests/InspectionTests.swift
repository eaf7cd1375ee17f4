import Foundation
import Glibc
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct InspectionSaysWhatIsInAStore {
    /// A store with several segments and something in the log; not closed.
    private func fill(_ disk: SimulatedDisk, seed: UInt64, batches: Int = 40) throws -> (RingStore, StoreWriter) {
        var workload = Workload(seed: seed)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        for _ in 0..<batches { _ = try writer.append(writer.batch(workload.batch(messages: 30))) }
        return (store, writer)
    }

    @Test func countsWhatTheStoreCounts() throws {
        let disk = SimulatedDisk(seed: 1)
        let (_, writer) = try fill(disk, seed: 1)
        try writer.close()
        // Opened anew: a store that goes on counts late values, too, that others replaced before they were written down.
        let (store, _) = try RingStore.open(directory: disk.fork().directory, options: .tiny())
        let before = disk.fileNames.map(disk.content)
        for inspection in [
            try StoreInspection.inspect(disk.directory), try StoreInspection.verify(disk.directory),
        ] {
            #expect(inspection.isHealthy, "\(inspection.damage)")
            #expect(inspection.samples == store.statistics.sampleCount)
            #expect(inspection.segments.count == store.statistics.poolSegmentsUsed)
            #expect(inspection.catalogue.series == store.statistics.seriesCount)
            #expect(inspection.segments.allSatisfy { $0.bytesUsed <= inspection.segmentBytes && $0.chunks > 0 })
        }
        #expect(disk.fileNames.map(disk.content) == before, "inspection must not write")
    }

    @Test func aDirectoryWithoutAStoreIsNamed() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: InspectionError.noStore(path: directory.path)) {
            try StoreInspection.inspect(try ReadOnlyDirectory(path: directory.path))
        }
        #expect(throws: FileError.self) { try ReadOnlyDirectory(path: directory.path + "/absent") }
    }

    /// Each bit of everything that counts, one at a time: none goes unnoticed, and the rest is read all the same.
    @Test(arguments: ["super", "log", "pool", "catalogue"]) func everyFlippedBitIsFound(file: String) throws {
        let disk = SimulatedDisk(seed: 2)
        let (_, writer) = try fill(disk, seed: 2, batches: 12)
        try writer.close()
        var random = SeededGenerator(seed: 2)
        let places = try bytesThatCount(on: disk, file)
        // A sample of them: a verification of the whole store for each takes a millisecond.
        for place in places.shuffled(using: &random).prefix(400) {
            let copy = disk.fork()
            let bit = UInt8(1) << UInt8(random.next() % 8)
            copy.corrupt(file) { $0[place] ^= bit }
            let inspection = try StoreInspection.verify(copy.directory)
            #expect(!inspection.isHealthy, "\(file), byte \(place), bit \(bit)")
            #expect(inspection.damage.allSatisfy { $0.file == file })
        }
    }

    private func bytesThatCount(on disk: SimulatedDisk, _ file: String) throws -> [Int] {
        let inspection = try StoreInspection.verify(disk.directory)
        switch file {
        case "super": return (0..<4).flatMap { slot in (slot * 4096)..<(slot * 4096 + 64) }
        case "pool":
            return inspection.segments.flatMap { segment -> [Int] in
                let start = Int(UInt64(segment.slot) * inspection.segmentBytes)
                // Chunks are padded with zeros, but these are under the checksum too; the footer stands at the end.
                let end = start + Int(inspection.segmentBytes)
                return Array(start..<(start + Int(segment.bytesUsed) - SegmentEntry.headerBytes))
                    + Array((end - SegmentEntry.headerBytes)..<end)
            }
        // The last page may be half written without any damage.
        case "catalogue":
            return (0..<(inspection.catalogue.pagesUsed - 1)).flatMap { page in
                (0..<2).flatMap { copy in
                    let start = copy * inspection.catalogue.pages * CataloguePage.size + page * CataloguePage.size
                    return Array(start..<(start + CataloguePage.size))
                }
            }
        default: return try framesThatCount(on: disk)
        }
    }

    private func framesThatCount(on disk: SimulatedDisk) throws -> [Int] {
        let inspector = try StoreInspector(disk.directory, verifies: false)
        return try inspector.settledLog().chain.frames.dropLast().flatMap { found in
            let start = Int(found.offset)
            // The last frame's damage looks like a write that was never finished. A checkpoint has a copy of its own.
            return found.header.kind == .checkpoint
                ? [] : Array(start..<(start + Frame.headerBytes + found.header.payloadBytes))
        }
    }

    /// While a writer turns the ring as fast as it can, nothing that it does looks like damage.
    @Test func aStoreThatIsBeingWrittenIsHealthy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        var options = StoreOptions.tiny(segments: 8)
        options.identityWindow = 64
        let (_, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
        let handover = Handover(writer)
        let isOver = Flag()
        let thread = Thread {
            var workload = Workload(seed: 3)
            let writer = handover.writer
            while !isOver.isRaised { _ = try? writer.append(writer.batch(workload.batch(messages: 20))) }
        }
        thread.start()
        defer { isOver.raise() }
        var verified = 0
        var changing = 0
        for _ in 0..<60 {
            do {
                let inspection = try StoreInspection.verify(try ReadOnlyDirectory(path: path))
                #expect(inspection.isHealthy, "\(inspection.damage)")
                verified += 1
            } catch InspectionError.changing {
                changing += 1
            }
        }
        #expect(verified > 0)
        print("\(verified) verified while written, \(changing) changed too fast")
    }
}

/// Hands the writer to the one thread that uses it from then on.
private final class Handover: @unchecked Sendable {
    let writer: StoreWriter
    init(_ writer: StoreWriter) { self.writer = writer }
}

/// Raised once, read from any thread.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    func raise() { lock.withLock { value = true } }
    var isRaised: Bool { lock.withLock { value } }
}
