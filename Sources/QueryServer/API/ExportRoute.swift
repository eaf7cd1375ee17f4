import Hummingbird
import PromQL
import Readings

/// `GET|POST /api/v1/export`: every sample of the chosen series as it was stored, with as little memory as one piece.
struct ExportRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("export", use: export)
    }

    @Sendable private func export(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let choice = try SeriesChoice(parameters, matchRequired: true)
        let format: any ExportFormat
        switch parameters["format"] ?? "jsonl" {
        case "json", "jsonl": format = JSONLinesExport()
        case "csv": format = CSVExport()
        default: throw APIError.invalidParameter("format", "it must be jsonl or csv")
        }
        return try await StreamedAnswer.response(contentType: format.contentType, on: lane) { [backend] in
            ExportPieces(series: try choice.series(of: backend.source()), range: choice.range, format: format)
        }
    }
}

/// How samples are written down.
protocol ExportFormat: Sendable {
    var contentType: String { get }
    func writeHeader(to out: inout ByteBuffer)
    /// Some samples of one series, in order; at least one.
    func write(_ samples: [Sample], of series: any SelectedSeries, to out: inout ByteBuffer)
}

/// The samples of all series one after the other.
///
/// Between pieces nothing is held open: each begins to read after the last instant of the one before.
struct ExportPieces: BodyPieces {
    /// The most samples that are held, and written in one line of JSON.
    static let runLength = 2048

    private let format: any ExportFormat
    private let end: Timestamp
    private let start: Timestamp
    private var remaining: ArraySlice<any SelectedSeries>
    /// Where reading goes on in the first of `remaining`.
    private var position: Timestamp
    private var isBegun = false

    init(series: [any SelectedSeries], range: ClosedRange<Timestamp>, format: any ExportFormat) {
        self.format = format
        remaining = series[...]
        start = range.lowerBound
        end = range.upperBound
        position = start
    }

    mutating func next() throws -> ByteBuffer? {
        var out = ByteBuffer()
        if !isBegun {
            isBegun = true
            format.writeHeader(to: &out)
        }
        while let series = remaining.first, out.readableBytes < StreamedAnswer.pieceBytes {
            let samples = position <= end ? try series.samples(in: position...end, limit: ExportPieces.runLength) : []
            if let last = samples.last {
                format.write(samples, of: series, to: &out)
                position = last.time.advanced(byMilliseconds: 1)
            }
            if samples.count < ExportPieces.runLength {
                remaining.removeFirst()
                position = start
            }
        }
        return out.readableBytes > 0 ? out : nil
    }
}
