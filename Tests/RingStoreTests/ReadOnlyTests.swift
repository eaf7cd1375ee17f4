import Foundation
import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct AStoreOnAReadOnlyDiskCanBeRead {
    private let options = StoreOptions(diskBudget: 6 << 20, memoryBudget: 16 << 20)

    private func contents(_ path: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        return Dictionary(
            uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))) })
    }

    /// As a crash left it, with damage that a start would mend: everything is answered, nothing is stored or changed.
    @Test(arguments: [false, true]) func andIsNotChanged(isDamaged: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        var judge = Judge()
        var workload = Workload(seed: 101)
        do {
            let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path), options: options)
            while store.statistics.sealedSegments < 3 {
                let messages = workload.batch(messages: 60)
                _ = try writer.append(writer.batch(messages))
                judge.acknowledge(messages)
            }
        }
        if isDamaged {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/super"))
            try file.seek(toOffset: 30)
            try file.write(contentsOf: [255])
            try file.truncate(atOffset: UInt64(Superblock.fileBytes - 100))
            try file.close()
        }
        let before = try contents(path)
        let (store, writer) = try RingStore.openReadOnly(
            directory: try ReadOnlyDirectory(path: path), options: options)
        #expect(try judge.complaints(store, nil).isEmpty)
        #expect(store.statistics.writeError?.contains("read-only") == true)
        #expect(store.damage().isEmpty != isDamaged)
        for _ in 0..<3 {
            let messages = workload.batch(messages: 60)
            #expect(throws: StoreError.self) { try writer.append(writer.batch(messages)) }
        }
        #expect(throws: StoreError.self) { try writer.close() }
        #expect(try judge.complaints(store, nil).isEmpty)
        #expect(store.statistics.writeError != nil)
        #expect(try contents(path) == before)
    }

    @Test func whereNoneIsNoneIsMade() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: StoreError.self) {
            _ = try RingStore.openReadOnly(
                directory: try ReadOnlyDirectory(path: directory.path), options: options)
        }
    }

    /// What is missing is named for what it is.
    @Test func aLostSuperblockIsNotAnAbsentStore() throws {
        let disk = SimulatedDisk(seed: 102)
        var workload = Workload(seed: 102)
        let (_, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        for _ in 0..<10 { _ = try writer.append(writer.batch(workload.batch(messages: 30))) }
        disk.restart()
        disk.remove("super")
        #expect(throws: InspectionError.superblockLost(path: "simulated")) {
            _ = try StoreInspection.inspect(disk.directory)
        }
        #expect(throws: InspectionError.noStore(path: "simulated")) {
            _ = try StoreInspection.inspect(SimulatedDisk(seed: 103).directory)
        }
    }
}
