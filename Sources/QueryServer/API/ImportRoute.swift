import Hummingbird
import QueryAPI

/// `POST /api/v1/import`: readings from elsewhere, as an export writes them. The answer comes when they are durable.
///
/// The body is read no faster than the store takes it: memory is that of a line and a batch, however long it is.
struct ImportRoute: Sendable {
    let backend: any QueryBackend

    func add(to api: RouterGroup<QueryContext>) {
        // Reading numbers takes longer than others on the connection's loop should have to wait.
        api.post("import") { request, context in
            try await withTaskExecutorPreference(globalConcurrentExecutor) { try await take(request, context) }
        }
    }

    @Sendable private func take(_ request: Request, _ context: QueryContext) async throws -> Response {
        try WebPageGuard.check(request, context)
        let parameters = try FormParameters([(request.uri.query ?? "")[...].utf8])
        let firstLine = parameters["first_line"].flatMap(Int.init) ?? 1
        var lines = ImportLines(try ImportRoute.format(parameters, request.headers[.contentType] ?? ""))
        var report = ImportReport()
        do {
            var pieces = request.body.makeAsyncIterator()
            while let piece = try await next(of: &pieces) {
                try lines.add(piece.readableBytesView)
                while try lines.next() { try await handOver(&lines, &report) }
            }
            _ = try lines.next(atEnd: true)
            try await handOver(&lines, &report)
        } catch let fault as ImportFault {
            // The lines before it are good: they are taken, and the answer says how many.
            // A client that sends a file in parts says where each begins.
            let line = lines.lines + firstLine
            do {
                try await handOver(&lines, &report)
            } catch let error as ImportRefused {
                return try failure("execution", error.description, .serviceUnavailable, report, lines)
            }
            return try failure("bad_data", "line \(line): \(fault.what)", .badRequest, report, lines)
        } catch let error as ImportRefused {
            return try failure("execution", error.description, .serviceUnavailable, report, lines)
        } catch is BodyCutOff {
            return try failure(
                "bad_data", "the request's body did not arrive whole", .badRequest, report, lines)
        }
        report.lines = UInt64(lines.lines)
        return try APIAnswer.success(report)
    }

    /// The client ended its body before it was whole.
    private struct BodyCutOff: Error {}

    private func next(of pieces: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await pieces.next()
        } catch {
            throw BodyCutOff()
        }
    }

    private static func format(_ parameters: FormParameters, _ contentType: String) throws -> any ImportFormat {
        switch parameters["format"] ?? (contentType.lowercased().hasPrefix("text/csv") ? "csv" : "jsonl") {
        case "json", "jsonl": return JSONLinesImport()
        case "csv": return CSVImport()
        default: throw APIError.invalidParameter("format", "it must be jsonl or csv")
        }
    }

    private func handOver(_ lines: inout ImportLines, _ report: inout ImportReport) async throws {
        let series = lines.takeSeries()
        guard !series.isEmpty else { return }
        let outcome = try await backend.take(series)
        report.stored += outcome.stored
        report.duplicates += outcome.duplicates
        report.refused.merge(outcome.refused, uniquingKeysWith: +)
    }

    /// Nothing that was taken before the end goes unreported.
    private func failure(
        _ type: String, _ message: String, _ status: HTTPResponse.Status, _ report: ImportReport,
        _ lines: ImportLines
    ) throws -> Response {
        var report = report
        report.lines = UInt64(lines.lines)
        var envelope = Envelope<ImportReport>(
            errorType: type,
            error:
                "\(message); before that \(report.stored) \(report.stored == 1 ? "reading was" : "readings were") stored, "
                + "\(report.duplicates) \(report.duplicates == 1 ? "was" : "were") there already"
        )
        envelope.data = report
        return try APIAnswer.json(envelope, status: status)
    }
}
