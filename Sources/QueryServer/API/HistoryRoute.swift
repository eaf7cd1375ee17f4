import Hummingbird
import PromQL
import Readings

/// `GET|POST /api/v1/history`: what the samples of each step come to, exactly, however far back: from tiers where they tell
/// it, so that a year costs no more than what it shows. A step holds what is later than its start, up to its end, as PromQL's
/// ranges do. Where only a tier remembers the readings, and the step is not made of its
/// minutes or hours, steps are longer: `end` and `infos` say so.
struct HistoryRoute: Sendable {
    /// As of `query_range` in Prometheus.
    private static let mostSteps: Int64 = 11_000

    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.ask("history", use: history)
    }

    @Sendable private func history(_ request: Request, _ context: QueryContext) async throws -> Response {
        let parameters = try await FormParameters.of(request, context)
        let choice = try SeriesChoice(parameters, matchRequired: true)
        for name in ["start", "end"] { _ = try parameters.required(name) }
        let step = try parameters.required("step", parameters.duration).milliseconds
        guard step > 0 else {
            throw APIError.invalidParameter("step", "it must be more than 0")
        }
        let (start, end) = (choice.range.lowerBound, choice.range.upperBound)
        guard end.milliseconds(since: start) / step < HistoryRoute.mostSteps else {
            throw APIError.badData(
                "exceeded maximum resolution of \(HistoryRoute.mostSteps) points per series: use a longer step")
        }
        let origin = try parameters.time("origin") ?? Timestamp(milliseconds: 0)
        return try await StreamedAnswer.response(contentType: APIAnswer.contentType, on: lane) { [backend] in
            HistoryPieces(
                series: try choice.series(of: backend.source()), range: choice.range, step: step, origin: origin)
        }
    }
}

/// The steps of all series, one series after the other: see `QueryAPI.HistoryReport`. A series without samples in the range is
/// left out.
struct HistoryPieces: BodyPieces {
    private let range: ClosedRange<Timestamp>
    private let step: Int64
    private let origin: Timestamp
    private var remaining: ArraySlice<any SelectedSeries>
    private var isBegun = false
    private var isFirst = true
    private var isOver = false
    private var damage = DamageWarnings()
    /// Where the last step ends that is longer than was asked for, and how long it is; nil if there is none.
    private var longer: (end: Timestamp, step: Int64)?

    init(series: [any SelectedSeries], range: ClosedRange<Timestamp>, step: Int64, origin: Timestamp) {
        remaining = series[...]
        self.range = range
        self.step = step
        // Steps are open on the left.
        self.origin = origin.advanced(byMilliseconds: 1)
    }

    mutating func next() throws -> ByteBuffer? {
        guard !isOver else { return nil }
        var out = ByteBuffer()
        if !isBegun {
            isBegun = true
            out.writeStaticString("{\"status\":\"success\",\"data\":[")
        }
        while let series = remaining.popFirst() {
            try write(series, to: &out)
            if out.readableBytes >= StreamedAnswer.pieceBytes { return out }
        }
        out.writeStaticString("]")
        out.writeTexts("warnings", damage.texts)
        if let longer {
            out.writeStaticString(",\"infos\":[")
            out.writeJSONString(
                "of before \(longer.end.rfc3339) less is kept than the step asked for: steps of "
                    + "\(longer.step / 1000) s and more were used there; end tells each")
            out.writeStaticString("]")
        }
        out.writeStaticString("}")
        isOver = true
        return out
    }

    private mutating func write(_ series: any SelectedSeries, to out: inout ByteBuffer) throws {
        var buckets: [Aggregate] = []
        var ends: [Timestamp] = []
        for stretch in series.stepRanges(in: range, step: step, origin: origin) {
            try series.forEachAggregate(in: stretch.range, step: stretch.step, origin: stretch.origin, detail: .all) {
                run in
                for index in run.indices { buckets.append(run[index]) }
                return true
            }
            for bucket in buckets.dropFirst(ends.count) {
                ends.append(bucket.edge.advanced(byMilliseconds: stretch.step))
            }
            if stretch.step > step, let end = ends.last, end > longer?.end ?? APITime.earliest {
                longer = (end, stretch.step)
            }
        }
        damage.add(series, in: range)
        guard !buckets.isEmpty else { return }
        if !isFirst { out.writeStaticString(",") }
        isFirst = false
        out.writeStaticString("{\"metric\":")
        out.writeJSON(series.labels.sorted)
        if let unit = series.unit {
            out.writeStaticString(",\"unit\":")
            out.writeJSONString(unit)
        }
        out.writeList("start", buckets) {
            $1.writeJSONSeconds(milliseconds: $0.edge.milliseconds)
        }
        out.writeList("end", ends) { $1.writeJSONSeconds(milliseconds: $0.milliseconds) }
        out.writeList("count", buckets) { $1.writeString(String($0.count)) }
        out.writeList("min", buckets) { $1.writeJSONNumberOrNull($0.min) }
        out.writeList("max", buckets) { $1.writeJSONNumberOrNull($0.max) }
        out.writeList("mean", buckets) { $1.writeJSONNumberOrNull($0.mean) }
        out.writeList("first", buckets) { $1.writeJSONNumberOrNull($0.first) }
        out.writeList("last", buckets) { $1.writeJSONNumberOrNull($0.last) }
        out.writeStaticString("}")
    }
}

extension ByteBuffer {
    /// `,"name":[…]`, each element as `write` writes it.
    fileprivate mutating func writeList<Element>(
        _ name: StaticString, _ elements: [Element], _ write: (Element, inout ByteBuffer) -> Void
    ) {
        writeStaticString(",\"")
        writeStaticString(name)
        writeStaticString("\":[")
        for (index, element) in elements.enumerated() {
            if index > 0 { writeStaticString(",") }
            write(element, &self)
        }
        writeStaticString("]")
    }

    fileprivate mutating func writeJSONNumberOrNull(_ value: Double) {
        if value.isFinite { writeJSONNumber(value) } else { writeStaticString("null") }
    }
}
