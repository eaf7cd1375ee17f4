import Foundation

/// What an answer comes to, so that servers can be seen to agree, whatever the order and the last digits of each.
struct AnswerSummary: Equatable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var series = 0
    private(set) var samples = 0
    private(set) var sum = 0.0
    private(set) var least = Double.infinity
    private(set) var greatest = -Double.infinity

    init() {}

    /// The answer of `/api/v1/query` or `/api/v1/query_range`.
    init(prometheus answer: [UInt8]) throws {
        let body = try AnswerSummary.object(answer)
        guard let data = body["data"] as? [String: Any], let result = data["result"] as? [[String: Any]] else {
            throw Failure(description: "no result in \(String(decoding: answer.prefix(200), as: UTF8.self))")
        }
        for found in result {
            let samples = found["values"] as? [[Any]] ?? [found["value"] as? [Any] ?? []]
            add(samples.compactMap { ($0.last as? String).flatMap { Double($0) } })
        }
    }

    /// The answer of InfluxDB's `/query` to one statement that selects one column.
    init(influxDB answer: [UInt8]) throws {
        let body = try AnswerSummary.object(answer)
        guard let result = (body["results"] as? [[String: Any]])?.first, result["error"] == nil else {
            throw Failure(description: "no result in \(String(decoding: answer.prefix(200), as: UTF8.self))")
        }
        for found in result["series"] as? [[String: Any]] ?? [] {
            let rows = found["values"] as? [[Any]] ?? []
            add(rows.compactMap { ($0.last as? NSNumber)?.doubleValue })
        }
    }

    private static func object(_ text: [UInt8]) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any] ?? [:]
    }

    mutating func add(_ values: [Double]) {
        series += 1
        samples += values.count
        for value in values {
            sum += value
            least = min(least, value)
            greatest = max(greatest, value)
        }
    }

    /// Whether this is the same answer as `other`. A sample that lies on a window's very edge may be in one and not in the
    /// other, as some count the edge in: a mean may differ by a sixtieth of a deviation, a series by its first sample.
    func agrees(with other: AnswerSummary) -> Bool {
        func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-3 * max(1, abs(a), abs(b)) }
        return series == other.series && samples > 0 && abs(samples - other.samples) <= series
            && isNear(sum / Double(samples), other.sum / Double(max(1, other.samples)))
            && isNear(least, other.least) && isNear(greatest, other.greatest)
    }
}

extension AnswerSummary: CustomStringConvertible {
    var description: String {
        samples == 0
            ? "nothing"
            : "\(samples) values of \(series) series from \(least) to \(greatest), mean \(sum / Double(samples))"
    }
}
