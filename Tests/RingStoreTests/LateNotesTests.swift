import Readings
import StorageSimulator
import TestSupport
import Testing

@testable import RingStore

@Suite struct ThatAReadingCameLateIsAsDurableAsTheReading {
    /// The power goes, or the process is killed, at every call: in single readings that share blocks, amid segments, checkpoints of
    /// every kind, and after each opening.
    @Test(arguments: 0..<6) func whereverALifeEnds(number: UInt64) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("late notes: seed \(seed)")
        var life = try LateLife(
            seed: seed, segments: number % 2 == 0 ? 8 : 64, sealsAtOnce: number % 3 == 0)
        life.disk.recordInterruptions()
        var (ends, checkpoints, most) = (0, 0, 0)
        var random = SeededGenerator(seed: seed &+ 1)
        var base = life.writer.log.base
        for _ in 0..<600 {
            let before = life.noted.count
            let messages = Bool.random(using: &random) ? 1 : Int.random(in: 1...30, using: &random)
            try life.append(messages: messages)
            if life.writer.log.base != base, before > life.kept { checkpoints += 1 }
            base = life.writer.log.base
            for (call, disk) in life.disk.takeInterruptions(killedOnly: number % 2 == 1) {
                ends += 1
                let fault = life.fault(in: try life.open(disk), before: before)
                #expect(fault == nil, "seed \(seed), call \(call)")
            }
            life.keepSome()
            most = max(most, life.noted.count - life.kept)
            if Int.random(in: 0..<25, using: &random) == 0 {
                let end = LateLife.End.allCases.randomElement(using: &random) ?? .kill
                let fault = try life.begin(after: end)
                #expect(fault == nil, "seed \(seed), \(end)")
                life.keepSome()
                base = life.writer.log.base
                _ = life.disk.takeInterruptions()
            }
        }
        #expect(ends > 300 && checkpoints > 3 && most > 20, "seed \(seed): \(ends), \(checkpoints), \(most)")
    }

    /// Nobody keeps any, while the log goes round some times: the newest are known, and there is always room.
    @Test func theOldestGoFirst() throws {
        let home = try NotedHome()
        let geometry = home.writer.geometry
        var random = SeededGenerator(seed: 2)
        var checkpoints: Set<UInt64> = []
        for _ in 0..<400 {
            // As far from each other as can be, and each once more, where something was before.
            let times = (0..<10).map { _ in Int64.random(in: -1 << 48...1 << 48, using: &random) }
            for _ in 0..<2 {
                try home.append(times.map { [$0] }, value: Double.random(in: 0...1, using: &random))
            }
            checkpoints.insert(home.writer.log.base)
            #expect(home.notes.samples.count <= geometry.mostLateNotes)
            #expect(home.notes.through == UInt64(home.told.count) && home.through == home.notes.through)
            let known = Set(home.notes.samples.map(\.place))
            #expect(home.told.suffix(200).allSatisfy { known.contains($0.place) })
            #expect(home.store.statistics.writeError == nil)
        }
        #expect(home.told.count == 8000 && home.told.contains { $0.before != nil } && checkpoints.count > 5)
        #expect(home.notes.samples.count > geometry.mostLateNotes * 3 / 4)
        try home.writer.close()
        // Each comes once more so soon that no first one is gone before.
        var known: Set<LateSample.Place> = []
        let firsts = home.told.filter { known.insert($0.place).inserted }
        #expect(try home.notesBehindAKill() == Array(firsts.suffix(geometry.lateNotesOfCheckpoint)))
    }

    /// Few instants that are corrected again and again: what was there before all of that is known all the same.
    @Test func whatWasThereFirstIsNotForgottenForWhatCameAfterIt() throws {
        let home = try NotedHome()
        let times = (1...5).map { Int64($0) * 1000 }
        var rounds = 0
        while rounds < 2 * home.writer.geometry.mostLateNotes / times.count {
            try home.append(times.map { [$0] }, value: Double(rounds))
            rounds += 1
        }
        try home.writer.close()
        let firsts = Dictionary(
            try home.notesBehindAKill().map { ($0.time.milliseconds, $0.before) },
            uniquingKeysWith: { first, _ in first })
        #expect(firsts == Dictionary(uniqueKeysWithValues: times.map { ($0, Double?.none) }))
    }

    /// So large is what is said of the late ones that messages are divided among frames for it; and what a message alone has no room
    /// for, beside its readings, is known all the same.
    @Test func framesKeepToTheirSize() throws {
        let home = try NotedHome()
        let most = home.writer.geometry.mostPayload
        // Less than is reckoned: those that find no room go, with what is said of them, into the next frame.
        let dense = (1...4000).map { [Int64($0) * 7] }
        try home.append(dense, value: 0.75)
        #expect(home.told.map { [$0.time.milliseconds] } == dense)
        var random = SeededGenerator(seed: 3)
        func times(_ count: Int) -> [Int64] {
            (0..<count).map { _ in Int64.random(in: -1 << 48...1 << 48, using: &random) }
        }
        let spread = times(640)
        for value in [0.5, 0.25] {
            let before = home.writer.log.syncs
            try home.append(spread.map { [$0] }, value: value)
            #expect(home.writer.log.syncs > before + 1)
        }
        #expect(home.told.suffix(640).allSatisfy { $0.before == 0.5 } && home.told.count == 5280)
        let known = try home.notesBehindAKill()
        #expect(Set(known.map(\.place)).isSubset(of: home.told.map(\.place)))
        #expect(known.count >= home.writer.geometry.lateNotesOfCheckpoint)
        let large = times(700)
        try home.append([large], value: 0.125)
        #expect(home.told.count == 5280 + 700 && home.notes.samples.last == home.told.last)
        #expect(try home.frames().allSatisfy { $0.header.payloadBytes <= most })
        // The next checkpoint has them.
        try home.writer.close()
        #expect(try home.notesBehindAKill() == Array(home.told.suffix(home.writer.geometry.lateNotesOfCheckpoint)))
    }

    @Test func whatIsNotStoredIsNotToldAndNotKnown() throws {
        let home = try NotedHome()
        try home.append([[1000]], value: 1)
        home.disk.failWrites(5)
        #expect(throws: StoreError.self) { try home.append([[2000], [3000]], value: 2) }
        #expect(home.told.count == 1 && home.notes.samples == home.told)
        home.disk.failWrites(nil)
        try home.append([[2000], [3000], [1000]], value: 2)
        #expect(home.told.map(\.time.milliseconds) == [1000, 2000, 3000, 1000])
        #expect(home.told.map(\.before) == [nil, nil, nil, 1])
        // What comes a second time is nothing.
        try home.append([[2000]], value: 2)
        #expect(home.notes.samples == home.told && home.told.count == 4)
        #expect(try home.notesBehindAKill() == home.told)
    }

    @Test func whatIsKeptElsewhereIsForgotten() throws {
        let home = try NotedHome()
        try home.append([[1], [2], [3]], value: 1)
        home.store.lateNotesAreKept(through: 2)
        // Who is behind takes nothing back.
        home.store.lateNotesAreKept(through: 1)
        try home.append([[4]], value: 1)
        #expect(home.notes.samples.map(\.time.milliseconds) == [3, 4] && home.notes.through == 4)
        home.store.lateNotesAreKept(through: 3)
        try home.writer.close()
        #expect(try home.notesBehindAKill().map(\.time.milliseconds) == [4])
    }

    @Test func aBackupKnowsThem() throws {
        let home = try NotedHome()
        try home.append([[1], [2]], value: 1)
        let copy = SimulatedDisk(seed: 2)
        var backup = StoreBackup(home.store, options: NotedHome.options)
        var receiver = try BackupReceiver(directory: copy.directory)
        while let bytes = try backup.next() { try receiver.take(bytes) }
        try receiver.finish()
        let (restored, _) = try RingStore.open(directory: copy.directory, options: NotedHome.options)
        #expect(restored.snapshot().lateNotes.samples == home.told && home.told.count == 2)
    }
}
