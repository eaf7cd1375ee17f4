import ArgumentParser
import Foundation
import NIOCore
import Readings

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Every stored reading, also of clocks that are ahead, streamed to standard output.",
        discussion:
            "jsonl: lines as /api/v1/import takes them. csv: a row for each reading. Minutes and hours of readings that have "
            + "given way are not in it: 'backup' has everything.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: FormatOptions

    @Argument(help: "A PromQL selector, such as 'temperature{device=\"freezer\"}'. (default: all series)")
    var selector: String?

    @Option(help: "From when: 24h, 7d, 'today', '2026-11-23 14:00', RFC 3339 or seconds. (default: the oldest)")
    var since: String?

    @Option(help: "Until when. (default: the newest)")
    var until: String?

    func run() async throws {
        try await Session.run(connection) { session in
            let start = try since.map { text throws(ClientError) in try session.instant("--since", text) }
            let end = try until.map { text throws(ClientError) in try session.instant("--until", text) }
            if let start, let end, start >= end {
                throw ClientError.emptyRange(
                    since: session.clock.dateAndTime(start), until: session.clock.dateAndTime(end))
            }
            // Without an end there is none: readings of a clock that is ahead belong to it.
            let parameters =
                [
                    ("match[]", selector ?? "{\(LabelName.metric)!=\"\"}"), ("format", try output.forLines().rawValue),
                ] + (start.map { [("start", $0.rfc3339)] } ?? []) + (end.map { [("end", $0.rfc3339)] } ?? [])
            var stream = ExportStream(
                neutralises: session.terminal.isTTY, progress: ExportProgress(texts: session.texts))
            defer { stream.progress.finish() }
            try await session.client.stream("/api/v1/export", parameters: parameters) { piece in
                try stream.write(Array(piece.readableBytesView))
            }
            try stream.finish()
        }
    }
}
