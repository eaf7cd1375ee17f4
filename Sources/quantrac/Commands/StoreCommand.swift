import ArgumentParser
import Foundation
import RingStore

/// `quantrac store`: what is in the files, without a daemon, and while one runs.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Look into a store's files, without a daemon or while one runs.",
        discussion: "Nothing is written and nothing is locked. DIR is what store.directory names.",
        subcommands: [Inspect.self, Verify.self])

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "What is in each file and segment.",
            discussion: "Exits with 0 if all is well, 1 if something is damaged, 2 if there is no readable store.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.run { directory, session throws(InspectionError) in
                try StoreInspection.inspect(directory)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check every checksum and decode every reading.",
            discussion: "Exits with 0 if all is well, 1 if something is damaged, 2 if there is no readable store.")

        @OptionGroup var options: StoreOptions

        func run() async throws {
            try await options.run { directory, session throws(InspectionError) in
                var progress = VerifyProgress(texts: session.texts)
                defer { progress.finish() }
                return try StoreInspection.verify(directory) { progress.show($0, of: $1) }
            }
        }
    }

    struct StoreOptions: ParsableArguments {
        @Argument(help: "The store's directory.", completion: .directory)
        var directory: String

        @OptionGroup var output: FormatOptions

        @Option(name: .customLong("lang"), help: "Language, en or vi. (default: from the environment)")
        var language: Language?

        func run(
            _ look: (ReadOnlyDirectory, LocalSession) throws(InspectionError) -> StoreInspection
        ) async throws {
            let session = LocalSession(language: language)
            try await session.explaining {
                let format = try output.forTable()
                let inspection = try StoreOptions.inspection(in: directory, session, look)
                switch format {
                case .table:
                    let page = StorePage(
                        inspection: inspection, texts: session.texts, clock: session.clock, terminal: session.terminal)
                    try session.print(page.lines())
                case .json: try session.printJSON(StoreReport(inspection))
                case .csv: try session.printCSV(StoreCSV.lines(inspection))
                }
                if !inspection.isHealthy { throw ExitCode.failure }
            }
        }

        private static func inspection(
            in path: String, _ session: LocalSession,
            _ look: (ReadOnlyDirectory, LocalSession) throws(InspectionError) -> StoreInspection
        ) throws(ClientError) -> StoreInspection {
            do throws(InspectionError) {
                return try look(try open(path), session)
            } catch {
                throw .storeUnreadable(reason: "\(error)")
            }
        }

        private static func open(_ path: String) throws(InspectionError) -> ReadOnlyDirectory {
            do throws(FileError) {
                return try ReadOnlyDirectory(path: path)
            } catch {
                throw .fileSystem(error)
            }
        }
    }
}

/// How far a verification is, on a terminal.
struct VerifyProgress {
    let texts: Texts
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shown = ContinuousClock.now

    init(texts: Texts) {
        self.texts = texts
    }

    mutating func show(_ segments: Int, of all: Int) {
        guard isShown, ContinuousClock.now - shown >= .milliseconds(250) else { return }
        shown = .now
        try? StandardOutput.error.write("\r\u{1B}[K" + texts(.verifying(segments: segments, of: all)))
    }

    func finish() {
        if isShown { try? StandardOutput.error.write("\r\u{1B}[K") }
    }
}
