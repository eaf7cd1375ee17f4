import BoundedDatabase
import GRDB
import Intake

/// The registry's state: the file, if it can be opened, and what waits to be written. One thread at a time.
struct RegistryCore: Sendable {
    private let files: DatabaseFiles
    private let geometry: DatabaseGeometry
    private let ledger: IntakeLedger
    private let report: @Sendable (String) -> Void

    private var database: BoundedDatabase?
    private var nextID: Int64 = 1
    /// Taken from the ledger, but not yet written.
    private var waiting: [RefusedMessage] = []
    /// Before this the box is not written again: a flood must not wear out a memory card.
    private var boxDue = ContinuousClock.now
    /// Before this devices are not written again: the last ones did not fit.
    private var devicesDue = ContinuousClock.now
    /// Before this a file that could not be used is not tried again.
    private var openingDue = ContinuousClock.now
    private(set) var isClosed = false
    private(set) var status = RegistryStatus()

    /// What the box may write on average, in bytes a second; a megabyte that comes at once is written at once.
    private static let pace = 16 << 10
    private static let patience = Duration.seconds(10)

    init(
        files: DatabaseFiles, geometry: DatabaseGeometry, ledger: IntakeLedger,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.files = files
        self.geometry = geometry
        self.ledger = ledger
        self.report = report
        status.share = UInt64(geometry.databaseBytes + geometry.journalBytes)
    }

    // MARK: - Opening

    /// Opens the file, if it is not open. A damaged one is made anew; what was read of it before is not lost.
    mutating func open() {
        guard database == nil, !isClosed else { return }
        do {
            guard !geometry.isTooSmall else { throw DatabaseFault.shareTooSmall(path: files.database) }
            guard !files.isOccupied else { throw DatabaseFault.placeOccupied(path: files.database) }
            do {
                try load()
            } catch  where error.isDamage {
                try makeAnew(because: error)
            }
            try database?.probe()
            note(problem: nil)
        } catch {
            // One that was opened but cannot be written may still be read.
            note(problem: error.inWords)
        }
    }

    private mutating func load() throws {
        let opened = try BoundedDatabase(files, geometry, label: "registry", migrations: RegistryTables.migrations)
        opened.reserve()
        // Before the check: a file that is damaged elsewhere may still tell the names.
        ledger.restore(try opened.queue.read(DeviceRows.load), isKept: true)
        try opened.check()
        (nextID, status.refusedKept) = try opened.queue.read { (try RefusedBox.nextID($0), try RefusedBox.count($0)) }
        database = opened
    }

    private mutating func makeAnew(because reason: any Error) throws {
        // Before those that wait: they came first.
        waiting = ((try? database?.queue.read(RefusedBox.readable)) ?? []) + waiting
        try? database?.queue.close()
        database = nil
        if let failure = files.remove() { throw DatabaseFault.closed("\(reason.inWords); \(failure)") }
        status.damage = reason.inWords
        report(
            "\(files.database) was damaged and is made anew: \(reason.inWords). Refused messages that could not be read "
                + "any more are lost; descriptions of devices come again with their messages.")
        try load()
        ledger.markAllDevicesChanged()
    }

    mutating func close() {
        write(ignoringPace: true)
        try? database?.queue.close()
        database = nil
        isClosed = true
    }

    // MARK: - Reading and writing

    mutating func read<Result>(_ body: (Database) throws -> Result) throws(DatabaseFault) -> Result {
        guard let database else { throw .closed(status.problem ?? "the registry is closed") }
        do {
            return try database.queue.read(body)
        } catch {
            mend(error)
            throw .database(error.inWords)
        }
    }

    mutating func contents() throws(DatabaseFault) -> [UInt8] {
        guard let database else { throw .closed(status.problem ?? "the registry is closed") }
        do {
            return try database.contents()
        } catch {
            mend(error)
            throw .database(error.inWords)
        }
    }

    /// Writes what is new. What cannot be written waits for the next time.
    mutating func write(ignoringPace: Bool) {
        guard !isClosed else { return }
        if database == nil, ignoringPace || ContinuousClock.now >= openingDue { open() }
        let devices = ignoringPace || ContinuousClock.now >= devicesDue ? ledger.takeChangedDevices() : []
        if waiting.isEmpty, ignoringPace || ContinuousClock.now >= boxDue {
            waiting = ledger.refusedMessages.take()
        }
        defer { status.refusedNotKept = ledger.refusedMessages.notKept }
        guard !devices.isEmpty || !waiting.isEmpty else { return }
        guard database != nil else { return ledger.putBackChangedDevices(devices) }
        do {
            let left: [KnownDevice]
            do {
                left = try insert(devices)
            } catch  where error.isDamage {
                try makeAnew(because: error)
                left = try insert(devices)
            }
            ledger.putBackChangedDevices(left)
            if !left.isEmpty { devicesDue = .now + RegistryCore.patience }
            note(problem: left.isEmpty ? nil : shareFull.inWords)
        } catch {
            ledger.putBackChangedDevices(devices)
            note(problem: error.inWords)
            // A file that was read-only when it was opened stays so for SQLite.
            if !error.isFull { shut() }
        }
    }

    private mutating func shut() {
        try? database?.queue.close()
        database = nil
        openingDue = .now + RegistryCore.patience
    }

    /// After a failure: what is damaged is made anew at once.
    private mutating func mend(_ error: any Error) {
        guard error.isDamage else { return note(problem: error.inWords) }
        do {
            try makeAnew(because: error)
        } catch {
            note(problem: error.inWords)
        }
    }

    /// Devices and messages that wait. Messages for which there is no room, even where all others give way, are counted as not
    /// kept: never do they keep a device's description out.
    ///
    /// - Returns: the devices of which the descriptions do not fit, even alone.
    private mutating func insert(_ devices: [KnownDevice]) throws -> [KnownDevice] {
        var devices = devices
        var left: [KnownDevice] = []
        var cost = 0
        repeat {
            let portion = Array(waiting.prefix(RefusedBox.fitting(waiting, in: geometry)))
            do {
                try write(devices, portion)
            } catch DatabaseFault.shareFull {
                left = try writeWhatFits(devices)
                do {
                    if !portion.isEmpty { try write([], portion) }
                } catch DatabaseFault.shareFull {
                    ledger.refusedMessages.countNotKept(portion.count)
                }
            }
            cost += portion.reduce(0) { $0 + RefusedBox.cost(of: $1) }
            waiting.removeFirst(portion.count)
            devices = []
        } while !waiting.isEmpty
        boxDue = .now + .milliseconds(cost * 1000 / RegistryCore.pace)
        return left
    }

    /// The first half of `devices`, or of that, until they fit. Returns the others.
    private mutating func writeWhatFits(_ devices: [KnownDevice]) throws -> [KnownDevice] {
        var count = devices.count
        while count > 0 {
            do {
                try write(Array(devices.prefix(count)), [])
                break
            } catch DatabaseFault.shareFull {
                count /= 2
            }
        }
        return Array(devices.dropFirst(count))
    }

    /// In one transaction. The estimate of what rows take may be wrong: then more gives way, at last the whole box.
    private mutating func write(_ devices: [KnownDevice], _ messages: [RefusedMessage]) throws {
        guard let database else { return }
        let cost = messages.reduce(0) { $0 + RefusedBox.cost(of: $1) }
        for attempt in 1...3 {
            do {
                status.refusedKept = try database.queue.write { [nextID, geometry] db in
                    if attempt == 3 { try db.execute(sql: "DELETE FROM refused") }
                    try RefusedBox.makeRoom(
                        for: cost * attempt, rows: messages.count, spare: 4 * (attempt - 1), geometry.pages, db)
                    try DeviceRows.save(devices, db)
                    try RefusedBox.insert(messages, from: nextID, db)
                    return try RefusedBox.count(db)
                }
                nextID += Int64(messages.count)
                return
            } catch  where error.isFull {
                if attempt < 3 { continue }
                guard files.hasRoom(for: geometry.databaseBytes) else { throw error }
                throw shareFull
            }
        }
    }

    private var shareFull: DatabaseFault {
        .shareFull(
            "the descriptions of some devices do not fit into the \(geometry.databaseBytes >> 10) KiB that "
                + "store.diskBudget leaves to the registry: raise it; their readings are stored")
    }

    mutating func settle(_ verdicts: [(id: Int64, verdict: ReplayOutcome.Verdict)]) throws(DatabaseFault) {
        guard let database else { throw .closed(status.problem ?? "the registry is closed") }
        do {
            status.refusedKept = try database.queue.write { db in
                try RefusedBox.settle(verdicts, db)
                return try RefusedBox.count(db)
            }
        } catch {
            mend(error)
            throw .database(error.inWords)
        }
    }

    /// Tells of a change once.
    private mutating func note(problem: String?) {
        guard problem != status.problem else { return }
        if let problem {
            report("what is known of devices, and what was refused, is not kept: \(problem)")
        } else {
            report("\(files.database) is written again")
        }
        status.problem = problem
    }
}
