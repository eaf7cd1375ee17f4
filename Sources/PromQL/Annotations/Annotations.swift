/// The annotations of a query while it runs: each text once.
struct Annotations {
    /// How many different ones are kept: `{__name__=~".+"}` may give one for each metric.
    private static let most = 1000

    private var found: [String: Annotation] = [:]

    mutating func add(_ annotation: Annotation) {
        guard var known = found[annotation.text] else {
            if found.count < Annotations.most { found[annotation.text] = annotation }
            return
        }
        // Of several places the last one counts, as in Prometheus.
        known.place = max(known.place, annotation.place)
        if let repair = annotation.repair { known.repair?.merge(repair) }
        found[annotation.text] = known
    }

    /// The texts of one level with their places in `query`, in the order of these; at most `limit`, and how many more.
    func texts(_ level: Annotation.Level, in query: String, limit: Int) -> [String] {
        let chosen = found.values.filter { $0.level == level }.sorted { ($0.place, $0.text) < ($1.place, $1.text) }
        guard !chosen.isEmpty else { return [] }
        let bytes = Array(query.utf8)
        var out = chosen.prefix(limit).map { annotation in
            let position = TextPosition(of: annotation.place, in: bytes)
            return annotation.described(at: "\(position.line):\(position.column)")
        }
        if chosen.count > limit {
            let kind = level == .warning ? "warning" : "info"
            out.append("\(chosen.count - limit) more \(kind) annotations omitted")
        }
        return out
    }
}
