import ArgumentParser
import Foundation
import NIOCore
import QueryAPI
import Readings

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Every stored reading, also of clocks that are ahead, streamed to standard output.",
        discussion: """
            jsonl: lines as /api/v1/import takes them. csv: a row for each reading. Minutes and hours of readings that have \
            given way are not in it: 'backup' has everything. What is damaged on the disk is left out and named on standard \
            error.
            """)

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
            await ExportCommand.tellWhatIsMissing(parameters, session)
        }
    }

    /// Reading has found what is damaged; the stream has no place to say so. A daemon that does not tell is an older one.
    private static func tellWhatIsMissing(_ parameters: [(String, String)], _ session: Session) async {
        let query = parameters.filter { $0.0 != "format" }.map { (name: $0.0, value: $0.1) }
        guard let damage: [DamageReport] = try? await session.client.get("/api/v1/damage", query: query) else { return }
        for one in damage.prefix(ExportCommand.mostWarnings) {
            let labels = Labels(one.metric.map { Label($0.key, $0.value) })
            session.warn(session.texts(.leftOut(series: "\(labels)", from: one.from, to: one.to)))
        }
        if damage.count > ExportCommand.mostWarnings {
            session.warn(session.texts(.leftOutMore(damage.count - ExportCommand.mostWarnings)))
        }
    }

    private static let mostWarnings = 20
}
