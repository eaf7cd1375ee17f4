import BoundedDatabase
import Foundation
import GRDB
import Intake
import PayloadDecoders
import Registry
import TestSupport
import Testing

@Suite("A registry that cannot be used keeps nobody from running")
struct FaultTests {
    private func filled() throws -> Bench {
        let bench = try Bench()
        bench.registry.start()
        bench.tell([bench.device("freezer", .init(name: "Tủ đông"))])
        bench.refuse([Bench.message("a")])
        _ = try bench.flush()
        bench.registry.close()
        return bench
    }

    @Test(arguments: ["no database at all", "", "SQLite format 3\u{0}"])
    func aFileThatIsNoneIsMadeAnew(content: String) throws {
        let first = try filled()
        try Data(content.utf8).write(to: URL(fileURLWithPath: first.file))
        let second = try Bench(in: first.directory)
        second.registry.start()
        #expect(second.registry.status.problem == nil)
        // An empty file is a database without tables.
        #expect((second.registry.status.damage == nil) == content.isEmpty, "\(second.reports.all)")
        #expect(second.reports.all.count == (content.isEmpty ? 0 : 1))
        second.refuse([Bench.message("b")])
        #expect(try second.list().messages.map(\.message.topic) == ["b"])
    }

    /// Bytes of the file are changed at random: it opens, or is made anew, and what it then tells is what was written.
    @Test func randomDamageNeverKeepsItFromStarting() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let first = try filled()
            let handle = try #require(FileHandle(forUpdatingAtPath: first.file))
            for _ in 0..<Int.random(in: 1...200, using: &random) {
                let place = UInt64.random(in: 0..<24_576, using: &random)
                // user_version: a file of a newer version is left alone.
                if (60..<64).contains(place) { continue }
                try handle.seek(toOffset: place)
                try handle.write(contentsOf: Data([UInt8.random(in: 0...255, using: &random)]))
            }
            try handle.close()
            let second = try Bench(in: first.directory)
            second.registry.start()
            second.tell([second.device("new", .init(name: "New"))])
            second.refuse([Bench.message("b")])
            _ = try? second.flush()
            #expect(second.registry.status.problem == nil, "seed \(seed): \(second.reports.all)")
            second.registry.close()
            let third = try Bench(in: first.directory)
            third.registry.start()
            #expect(third.ledger.description(household: "home", device: "new")?.name == "New", "seed \(seed)")
            #expect(third.registry.status.damage == nil, "seed \(seed)")
            #expect(third.registry.status.refusedKept >= 1, "seed \(seed)")
        }
    }

    @Test(arguments: [18, 19] as [UInt64]) func aFileOfAFormatThatIsNoneIsMadeAnew(place: UInt64) throws {
        let first = try filled()
        let handle = try #require(FileHandle(forUpdatingAtPath: first.file))
        try handle.seek(toOffset: place)
        try handle.write(contentsOf: Data([7]))
        try handle.close()
        let second = try Bench(in: first.directory)
        second.registry.start()
        #expect(second.registry.status.problem == nil && second.registry.status.damage != nil)
        second.refuse([Bench.message("b")])
        #expect(try second.list().messages.map(\.message.topic) == ["b"])
    }

    /// A row of which a column is of another type than was written passes SQLite's own check.
    @Test func whatCanBeReadOfADamagedBoxIsKept() throws {
        let first = try filled()
        let other = try DatabaseQueue(path: first.file)
        try other.write { try $0.execute(sql: "UPDATE refused SET arrival = 'never'") }
        try other.close()
        let second = try Bench(in: first.directory)
        second.registry.start()
        second.refuse([Bench.message("b")])
        #expect(throws: DatabaseFault.self) { try second.list() }
        #expect(second.registry.status.damage != nil)
        #expect(try second.list().messages.map(\.message.topic) == ["b"])
    }

    @Test func aFileDamagedWhileItIsOpenIsMadeAnewAndNothingKnownIsLost() throws {
        let bench = try Bench()
        bench.registry.start()
        bench.tell([bench.device("freezer", .init(name: "Tủ đông"))])
        _ = try bench.flush()
        // The file of a newer version, or nonsense, put in its place, and a registry that starts on it.
        bench.registry.close()
        let handle = try #require(FileHandle(forUpdatingAtPath: bench.file))
        try handle.seek(toOffset: 3 * 4096)
        try handle.write(contentsOf: Data(repeating: 0xEE, count: 4096))
        try handle.close()
        let second = try Bench(in: bench.directory)
        second.registry.start()
        #expect(second.registry.status.damage != nil)
        // The names were on another page.
        #expect(second.ledger.description(household: "home", device: "freezer")?.name == "Tủ đông")
        second.registry.close()
        let third = try Bench(in: bench.directory)
        third.registry.start()
        #expect(third.ledger.description(household: "home", device: "freezer")?.name == "Tủ đông")
        #expect(third.registry.status.damage == nil)
    }

    @Test func aDirectoryInItsPlaceIsAProblemAndNoMore() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("registry.sqlite"), withIntermediateDirectories: false)
        let bench = try Bench(in: directory.path)
        bench.registry.start()
        #expect(bench.registry.status.problem?.contains("is no file") == true)
        bench.tell([bench.device("freezer", .init(name: "Tủ đông"))])
        #expect(throws: DatabaseFault.self) { try bench.list() }
        // Once it is gone all is well, and nothing was forgotten.
        try FileManager.default.removeItem(atPath: directory.file("registry.sqlite"))
        _ = try bench.flush()
        #expect(bench.registry.status.problem == nil)
        #expect(bench.reports.all.count == 2)
        bench.registry.close()
        let again = try Bench(in: directory.path)
        again.registry.start()
        #expect(again.ledger.description(household: "home", device: "freezer")?.name == "Tủ đông")
    }

    @Test func aNewerVersionsFileIsLeftAlone() throws {
        let first = try filled()
        let handle = try #require(FileHandle(forUpdatingAtPath: first.file))
        // user_version
        try handle.seek(toOffset: 60)
        try handle.write(contentsOf: Data([0, 0, 0, 9]))
        try handle.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: first.file))
        let second = try Bench(in: first.directory)
        second.registry.start()
        #expect(second.registry.status.problem?.contains("newer version") == true)
        second.registry.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: first.file)) == before)
    }

    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aFullDiskStopsNothingOnceTheShareIsTaken() throws {
        let disk = try LoopDisk(megabytes: 8)
        let bench = try Bench(in: disk.path)
        bench.registry.start()
        try disk.fill()
        bench.tell((0..<500).map { bench.device("d\($0)", .init(name: "Device \($0)")) })
        for round in 0..<20 {
            bench.refuse((0..<20).map { Bench.message("t\($0)", String(repeating: "z", count: 900), at: Int64(round)) })
            _ = try bench.flush()
        }
        #expect(bench.registry.status.problem == nil, "\(bench.reports.all)")
        bench.registry.close()
        let again = try Bench(in: disk.path)
        again.registry.start()
        #expect(again.registry.status.problem == nil, "\(again.reports.all)")
        #expect(again.ledger.description(household: "home", device: "d499")?.name == "Device 499")
    }

    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aDiskThatWasFullBeforeIsTriedAgain() throws {
        let disk = try LoopDisk(megabytes: 8)
        try disk.fill()
        let bench = try Bench(in: disk.path)
        bench.registry.start()
        bench.tell([bench.device("freezer", .init(name: "Tủ đông"))])
        bench.refuse([Bench.message("a")])
        #expect(throws: DatabaseFault.self) { try bench.list() }
        #expect(bench.registry.status.problem != nil)
        try FileManager.default.removeItem(atPath: disk.path + "/filler")
        #expect(try bench.list().messages.map(\.message.topic) == ["a"])
        #expect(bench.registry.status.problem == nil)
        bench.registry.close()
        let again = try Bench(in: disk.path)
        again.registry.start()
        #expect(again.ledger.description(household: "home", device: "freezer")?.name == "Tủ đông")
    }

    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aDiskThatIsReadOnlyStillTellsTheNames() throws {
        let disk = try LoopDisk(megabytes: 8)
        let first = try Bench(in: disk.path)
        first.registry.start()
        first.tell([first.device("freezer", .init(name: "Tủ đông"))])
        first.registry.close()
        try disk.remount("ro")
        let second = try Bench(in: disk.path)
        second.registry.start()
        #expect(second.ledger.description(household: "home", device: "freezer")?.name == "Tủ đông")
        second.tell([second.device("plug", .init(name: "Plug"))])
        _ = try? second.flush()
        #expect(second.registry.status.problem != nil)
        try disk.remount("rw")
        _ = try? second.flush()
        #expect(second.registry.status.problem == nil, "\(second.reports.all)")
        second.registry.close()
        let third = try Bench(in: disk.path)
        third.registry.start()
        #expect(third.ledger.description(household: "home", device: "plug")?.name == "Plug")
    }
}
