import Foundation
import PromQL
import Readings
import TestSupport
import Testing

/// The same data and the same questions for Debian's Prometheus and for our engine. Whatever differs is a fault, or stands in
/// `NamedDifference`.
@Suite(.serialized) struct AnswersAreThoseOfPrometheus {
    /// No step, window's edge or step of a subquery lies on a sample, and no window's edge on a step of a subquery.
    private static let start: Int64 = 1_700_001_803_217
    private static let end = start + 600_000
    private static let step: Int64 = 61_000

    private static func compare(_ queries: [String], _ note: String) async throws {
        let prometheus = try await PrometheusProcess()
        let data = DemoData()
        for slice in data.slices() { try await prometheus.write(slice) }
        let source = data.source()
        var named: [NamedDifference: Int] = [:]
        var values = 0
        for query in queries {
            let theirs = try await prometheus.range(query, from: start, to: end, step: step)
            let ours = Answer { () throws(PromQLError) in
                try Query(query).range(
                    from: Timestamp(milliseconds: start), to: Timestamp(milliseconds: end), stepMilliseconds: step,
                    source: source)
            }
            if let difference = ours.difference(from: theirs) {
                if let name = NamedDifference(query, ours, theirs) {
                    named[name, default: 0] += 1
                } else {
                    Issue.record("\(note): \(query): \(difference)")
                }
            } else if case .values(let found) = ours, !found.isEmpty {
                values += 1
            }
        }
        print("\(note): \(queries.count) queries, \(values) with equal values, named differences: \(named)")
        #expect(values > queries.count / 3, "\(note): too few have an answer to compare")
    }

    @Test func toQueriesForComparisons() async throws {
        var queries = try ReferenceQueries(yaml: ReferenceQueries.ours).expanded
        if let cases = ProcessInfo.processInfo.environment["QUANTRAC_CASES"] {
            let file = URL(filePath: cases).appending(path: "promqltest/compliance/queries.yml")
            let theirs = try ReferenceQueries(yaml: String(contentsOf: file, encoding: .utf8)).expanded
            #expect(theirs.count > 200)
            queries += theirs
        }
        try await Self.compare(queries, "compliance")
    }

    @Test(arguments: [0x51DE_0001 as UInt64, 0x51DE_0002]) func toQueriesDrawnFromTheGrammar(seed: UInt64) async throws
    {
        var generator = ComparableQueries(seed: seed)
        let queries = (0..<2000).map { generator.vector($0 % 4) }
        try await Self.compare(queries, "seed \(String(seed, radix: 16))")
    }
}
