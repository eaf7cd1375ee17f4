import ArgumentParser
import Foundation
import NIOCore
import RingStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "A consistent copy of the store, while the daemon runs.",
        discussion: """
            DIR must be empty or not there yet. The copy holds everything that was acknowledged before the command was \
            given, what devices say of themselves, refused messages, the state of alerts and silences; is checked in full when it is written, and takes no room for what the store has not filled yet. \
            'quantrac restore' puts it back.

            Exits with 0 if all of it is whole; 3 if the copy is there, but parts of it are damaged, as they are in the \
            store: they are listed, and everything else is whole; 1 if there is no copy, 2 if the daemon does not answer.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(help: "Where the copy goes.", completion: .directory)
    var directory: String

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            try BackupPlace.requireEmpty(directory)
            try await BackupCommand.receive(into: directory, session)
            try BackupPlace.report(try BackupPlace.verify(directory, session), session, printing: format)
        }
    }

    private static func receive(into path: String, _ session: Session) async throws {
        do {
            var receiver: BackupReceiver?
            var progress = CopyProgress(texts: session.texts)
            defer { progress.finish() }
            try await session.client.stream("/api/v1/backup", parameters: []) { piece in
                // Not before the daemon has answered: a directory that is made for nothing would be in the way.
                if receiver == nil { receiver = try BackupReceiver(directory: try POSIXDirectory(path: path)) }
                try receiver?.take(piece.readableBytesView)
                progress.add(UInt64(piece.readableBytes))
            }
            guard let receiver else { throw BackupError.brokenOff }
            try receiver.finish()
        } catch let error as BackupError {
            throw ClientError.backup(error)
        } catch let error as FileError {
            throw ClientError.backup(.fileSystem(error))
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup where quantracd will open it.",
        discussion: """
            quantracd must not run on the directory, and the directory must be empty or not there yet. The restored store is \
            checked. As root the files get the directory's owner.

            Exits with 0 if all of it is whole; 3 if it was restored, but parts of the backup are damaged: they are \
            listed, and everything else is whole; 1 if nothing was restored, 2 if there is no readable backup.
            """)

    @OptionGroup var output: FormatOptions

    @Argument(help: "The backup.", completion: .directory)
    var directory: String

    @Option(name: .customLong("to"), help: "What store.directory names.", completion: .directory)
    var target = "/var/lib/quantrac"

    @Option(name: .customLong("lang"), help: "Language, en or vi. (default: from the environment)")
    var language: Language?

    func run() async throws {
        let session = LocalSession(language: language)
        try await session.explaining {
            let format = try output.forTable()
            let backup = try BackupPlace.verify(directory, session)
            try BackupPlace.requireEmpty(target)
            do {
                var progress = CopyProgress(texts: session.texts)
                defer { progress.finish() }
                try StoreRestore.restore(
                    from: try ReadOnlyDirectory(path: directory), to: try POSIXDirectory(path: target)
                ) { done, _ in progress.set(done) }
                try BackupPlace.giveToOwner(target)
            } catch let error as BackupError {
                throw ClientError.backup(error)
            } catch let error as FileError {
                throw ClientError.backup(.fileSystem(error))
            }
            let restored = try BackupPlace.verify(target, session)
            guard restored.damage.count <= backup.damage.count else {
                throw ClientError.copyDamaged(
                    path: target, count: restored.damage.count, inBackup: backup.damage.count)
            }
            try BackupPlace.report(restored, session, printing: format)
        }
    }
}

/// What backup and restore ask of the directories.
enum BackupPlace {
    /// A directory that is not there is as good as an empty one.
    static func requireEmpty(_ path: String) throws(ClientError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        // A file system's own.
        guard names.allSatisfy({ $0 == "lost+found" }) else {
            throw .backup(.notEmpty(path: path))
        }
    }

    /// What `--format json` prints of a copy.
    private struct Report: Encodable {
        var path: String
        var series: Int
        var readings: UInt64
        /// Places.
        var damage: Int
        /// The files beside the store that are in it.
        var beside: [String]
    }

    /// The exit code for a copy that is there and not whole.
    static let damagedExitCode: Int32 = 3
    /// More places than anybody reads.
    private static let mostPlaces = 20

    /// Reads all of it.
    ///
    /// - Throws: if there is nothing that can be read.
    static func verify(_ path: String, _ session: some Speaking) throws -> StoreInspection {
        do {
            var progress = VerifyProgress(texts: session.texts)
            defer { progress.finish() }
            return try StoreInspection.verify(try ReadOnlyDirectory(path: path)) { progress.show($0, of: $1) }
        } catch {
            throw ClientError.storeUnreadable(reason: "\(error)")
        }
    }

    /// Says what a copy holds, and on standard error what in it is damaged.
    ///
    /// - Throws: `ExitCode` if anything is.
    static func report(
        _ copy: StoreInspection, _ session: some Speaking, printing format: FormatOptions.TableFormat
    ) throws {
        let path = PlainText.neutralised(copy.path)
        let companions = CompanionFile.Name.allCases.filter {
            FileManager.default.fileExists(atPath: copy.path + "/" + $0.rawValue)
        }
        let report = Report(
            path: copy.path, series: copy.catalogue.series, readings: copy.samples, damage: copy.damage.count,
            beside: companions.map(\.rawValue))
        switch format {
        case .table:
            try session.print(
                [
                    session.texts(
                        .copyHolds(
                            path: path, series: UInt64(report.series), samples: report.readings, damage: report.damage))
                ] + companions.map { session.texts(.copyHoldsBeside($0)) })
        case .json: try session.printJSON(report)
        case .csv:
            try session.printCSV(
                CSV.lines(
                    ["path", "series", "readings", "damage", "beside"],
                    [
                        [
                            report.path, "\(report.series)", "\(report.readings)", "\(report.damage)",
                            report.beside.joined(separator: " "),
                        ]
                    ]))
        }
        for missing in CompanionFile.Name.allCases where !companions.contains(missing) {
            session.note(session.texts(.copyLacks(missing)))
        }
        guard !copy.isHealthy else { return }
        for place in copy.damage.prefix(mostPlaces) { session.note("  \(place)") }
        if copy.damage.count > mostPlaces {
            session.note("  " + session.texts(.moreDamage(copy.damage.count - mostPlaces, path: path)))
        }
        throw ExitCode(damagedExitCode)
    }

    /// The daemon's user must be able to write what root has put there.
    static func giveToOwner(_ path: String) throws(ClientError) {
        guard geteuid() == 0, let place = try? FileManager.default.attributesOfItem(atPath: path),
            let user = place[.ownerAccountID] as? UInt32, let group = place[.groupOwnerAccountID] as? UInt32
        else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            guard lchown(path + "/" + name, user, group) == 0 else {
                throw .backup(.fileSystem(FileError(operation: "chown", path: path + "/" + name, code: errno)))
            }
        }
    }
}

/// How much has been copied, on a terminal.
struct CopyProgress {
    let texts: Texts
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shown = ContinuousClock.now
    private var bytes: UInt64 = 0

    init(texts: Texts) {
        self.texts = texts
    }

    mutating func add(_ count: UInt64) { set(bytes + count) }

    mutating func set(_ count: UInt64) {
        bytes = count
        guard isShown, ContinuousClock.now - shown >= .milliseconds(250) else { return }
        shown = .now
        try? StandardOutput.error.write("\r\u{1B}[K" + texts(.copied(bytes: NumberText.bytes(bytes))))
    }

    func finish() {
        if isShown { try? StandardOutput.error.write("\r\u{1B}[K") }
    }
}
