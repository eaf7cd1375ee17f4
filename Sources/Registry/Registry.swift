import BoundedDatabase
import Dispatch
import GRDB
import Intake
import Synchronization

/// What Quantrac knows besides readings, kept in an SQLite file beside the store: the devices' descriptions, and the messages
/// that were refused.
///
/// It takes what is new from the ledger about once a second, on a queue of its own; the ingest thread never waits for it. A
/// file that is damaged, missing or cannot be written keeps nobody from running: it is made anew, or tried again, and
/// ``status`` says what is wrong.
public final class Registry: Sendable {
    private let core: Mutex<RegistryCore>
    private let queue = DispatchQueue(label: "registry")
    private let interval: @Sendable () -> Duration
    private let shown: Mutex<RegistryStatus>
    private let files: DatabaseFiles

    /// - Parameters:
    ///   - directory: the store's.
    ///   - share: bytes that the registry's files never exceed.
    ///   - interval: how long news may gather before they are written.
    ///   - report: told, in a sentence, what goes wrong and when it is well again.
    public init(
        directory: String, share: UInt64, ledger: IntakeLedger, interval: @escaping @Sendable () -> Duration,
        report: @escaping @Sendable (String) -> Void
    ) {
        files = DatabaseFiles(directory: directory, name: "registry")
        core = Mutex(
            RegistryCore(files: files, geometry: DatabaseGeometry(share: share), ledger: ledger, report: report))
        self.interval = interval
        shown = Mutex(RegistryStatus())
    }

    /// Opens the file and gives the ledger what it holds; from now on what is new is written. Blocking; once, before the ingest
    /// begins.
    public func start() {
        withCore { $0.open() }
        scheduleNext()
    }

    /// Writes what is new, and closes the file. Blocking.
    public func close() {
        withCore { $0.close() }
    }

    /// As of the last write. Never waits for the disk.
    public var status: RegistryStatus {
        var status = shown.withLock { $0 }
        status.diskUsed = files.allocatedBytes
        return status
    }

    /// The newest kept messages that `filter` admits. Blocking.
    ///
    /// - Parameter payloadBytes: what is read of each payload at most.
    /// - Throws: ``DatabaseFault``.
    public func refused(
        _ filter: RefusedFilter, limit: Int, payloadBytes: Int
    ) throws(DatabaseFault) -> RefusedListing {
        try reading { try RefusedBox.list(filter, limit: limit, payloadBytes: payloadBytes, $0) }
    }

    /// The file's bytes, with all that is new.
    ///
    /// - Throws: ``DatabaseFault``.
    public func contents() async throws(DatabaseFault) -> [UInt8] {
        try await perform { () throws(DatabaseFault) in
            try self.withCore { core throws(DatabaseFault) in
                core.write(ignoringPace: true)
                return try core.contents()
            }
        }
    }

    /// The number of the newest kept message. Blocking.
    func lastRefused() throws(DatabaseFault) -> Int64 {
        try reading { try RefusedBox.nextID($0) - 1 }
    }

    func portion(
        _ filter: RefusedFilter, from first: Int64, through last: Int64
    ) throws(DatabaseFault) -> RefusedPortion {
        try reading { try RefusedBox.portion(filter, from: first, through: last, $0) }
    }

    func settle(_ verdicts: [(id: Int64, verdict: ReplayOutcome.Verdict)]) throws(DatabaseFault) {
        try withCore { core throws(DatabaseFault) in try core.settle(verdicts) }
    }

    /// Runs `body`, which may wait for the disk, where nobody waits for it but the caller.
    func perform<Result: Sendable>(
        _ body: @escaping @Sendable () throws(DatabaseFault) -> Result
    ) async throws(DatabaseFault) -> Result {
        let result: Swift.Result<Result, DatabaseFault> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(DatabaseFault) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func reading<Result>(_ body: (Database) throws -> Result) throws(DatabaseFault) -> Result {
        try withCore { core throws(DatabaseFault) in
            // What was refused a moment ago belongs to it.
            core.write(ignoringPace: true)
            return try core.read(body)
        }
    }

    private func withCore<Result, Failure: Error>(
        _ body: (inout RegistryCore) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try core.withLock { core throws(Failure) in
            defer { shown.withLock { [status = core.status] in $0 = status } }
            return try body(&core)
        }
    }

    private func scheduleNext() {
        let (seconds, attoseconds) = interval().components
        let nanoseconds = Int(clamping: seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
            guard let self else { return }
            let isOpen = withCore { core in
                core.write(ignoringPace: false)
                return !core.isClosed
            }
            if isOpen { scheduleNext() }
        }
    }
}

/// The registry in numbers.
public struct RegistryStatus: Sendable, Equatable {
    /// Bytes that the files may take.
    public var share: UInt64 = 0
    public var diskUsed: UInt64 = 0
    /// Refused messages that are kept.
    public var refusedKept = 0
    /// Refused messages, since the start, that found no room.
    public var refusedNotKept: UInt64 = 0
    /// Why nothing is kept at the moment; nil if all is well.
    public var problem: String?
    /// What was found damaged since the start, and made anew.
    public var damage: String?

    public init() {}
}
