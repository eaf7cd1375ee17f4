import ArgumentParser
import Foundation
import QueryAPI

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in readings that an export wrote.",
        discussion: """
            FILE is jsonl or csv as 'quantrac export' writes them; '-' reads standard input. It is sent in parts, and each is \
            durable before the next is sent: an import that was broken off can be given again, nothing is stored twice. \
            Exits with 1 if some readings were refused.
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(help: "The file, or '-' for standard input.", completion: .file())
    var file: String

    @Flag(help: "FILE is csv. (default: what its first line looks like)")
    var csv = false

    func run() async throws {
        try await Session.run(connection) { session in
            let format = try output.forTable()
            var reader = try ImportReader(path: file, isCSV: csv ? true : nil)
            var progress = ImportProgress(texts: session.texts, bytes: reader.totalBytes)
            defer { progress.finish() }
            var sum = ImportReport()
            while let part = try reader.next() {
                do {
                    let report = try await session.client.post(
                        "/api/v1/import", parameters: [("format", part.format), ("first_line", "\(part.firstLine)")],
                        body: part.bytes, as: ImportReport.self)
                    sum += report
                } catch let error as ClientError {
                    progress.finish()
                    if sum.stored + sum.duplicates > 0 { session.note(session.texts(.importedBefore(sum))) }
                    throw error
                }
                progress.show(sum, bytes: reader.bytesRead)
            }
            progress.finish()
            switch format {
            case .table: try session.print([session.texts(.imported(sum))])
            case .json: try session.printJSON(sum)
            case .csv: try session.printCSV(CSV.lines(["name", "value"], sum.rows))
            }
            if !sum.refused.isEmpty { throw ExitCode.failure }
        }
    }
}

extension ImportReport {
    fileprivate static func += (sum: inout ImportReport, other: ImportReport) {
        sum.lines += other.lines
        sum.stored += other.stored
        sum.duplicates += other.duplicates
        sum.refused.merge(other.refused, uniquingKeysWith: +)
    }

    fileprivate var rows: [[String]] {
        [["lines", "\(lines)"], ["stored", "\(stored)"], ["duplicates", "\(duplicates)"]]
            + refused.sorted { $0.key < $1.key }.map { ["refused.\($0.key)", "\($0.value)"] }
    }
}

/// How far an import is, on a terminal.
struct ImportProgress {
    let texts: Texts
    let bytes: UInt64?
    private let isShown = isatty(STDERR_FILENO) == 1
    private var isOpen = false

    init(texts: Texts, bytes: UInt64?) {
        self.texts = texts
        self.bytes = bytes
    }

    mutating func show(_ sum: ImportReport, bytes done: UInt64) {
        guard isShown else { return }
        isOpen = true
        let percent = bytes.map { $0 == 0 ? 100 : Int(done * 100 / $0) }
        try? StandardOutput.error.write("\r\u{1B}[K" + texts(.importing(sum, percent: percent)))
    }

    mutating func finish() {
        if isOpen { try? StandardOutput.error.write("\r\u{1B}[K") }
        isOpen = false
    }
}
