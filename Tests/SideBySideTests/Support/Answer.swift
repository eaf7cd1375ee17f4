import Foundation
import PromQL
import Readings

/// What a range query answers: a value for each series and instant, or why there is none.
enum Answer {
    /// By labels, then by time in milliseconds.
    case values([Labels: [Int64: Double]])
    case error(String)

    /// An answer of the HTTP API.
    init(json: Data) throws {
        guard let envelope = try JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw PrometheusProcess.Failure(description: "no envelope")
        }
        guard let data = envelope["data"] as? [String: Any], let result = data["result"] as? [[String: Any]] else {
            self = .error(envelope["error"] as? String ?? "no reason")
            return
        }
        var found: [Labels: [Int64: Double]] = [:]
        for series in result {
            let labels = Labels((series["metric"] as? [String: String] ?? [:]).map { Label($0.key, $0.value) })
            for point in series["values"] as? [[Any]] ?? [] {
                guard point.count == 2, let time = point[0] as? Double, let text = point[1] as? String,
                    let value = Double(text.replacing("Inf", with: "inf"))
                else { throw PrometheusProcess.Failure(description: "no point: \(point)") }
                found[labels, default: [:]][Int64((time * 1000).rounded())] = value
            }
        }
        self = .values(found)
    }

    /// Our own.
    init(_ run: () throws(PromQLError) -> QueryAnswer) {
        do throws(PromQLError) {
            var found: [Labels: [Int64: Double]] = [:]
            if case .matrix(let matrix) = try run().value {
                for series in matrix {
                    for sample in series.samples {
                        found[series.labels, default: [:]][sample.time.milliseconds] = sample.value
                    }
                }
            }
            self = .values(found)
        } catch {
            self = .error(error.description)
        }
    }

    /// The first thing in which this answer is not `other`; nil if they agree.
    ///
    /// - Parameter tolerance: by which part of themselves values may differ. Sums are made in another order there, and not
    ///   compensated.
    func difference(from other: Answer, tolerance: Double = 1e-6) -> String? {
        switch (self, other) {
        case (.error, .error): return nil
        case (.error(let why), .values): return "we refuse it: \(why)"
        case (.values, .error(let why)): return "we answer what is refused there: \(why)"
        case (.values(let ours), .values(let theirs)):
            for labels in Set(ours.keys).union(theirs.keys) {
                let (mine, due) = (ours[labels] ?? [:], theirs[labels] ?? [:])
                for time in Set(mine.keys).union(due.keys).sorted() {
                    guard !Answer.agree(mine[time], due[time], tolerance) else { continue }
                    return "\(labels) at \(time): \(mine[time].map { "\($0)" } ?? "nothing") instead of "
                        + (due[time].map { "\($0)" } ?? "nothing")
                }
            }
            return nil
        }
    }

    private static func agree(_ a: Double?, _ b: Double?, _ tolerance: Double) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a == b || a.isNaN && b.isNaN || abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-3)
    }
}
