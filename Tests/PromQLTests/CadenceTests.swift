import Foundation
import PromQL
import Readings
import TestSupport
import Testing

@Suite("When a series spoke, and for how long it did not")
struct CadenceTests {
    private static let marker = Double(bitPattern: 0x7ff0_0000_0000_0002)

    /// A series with gaps, and with staleness markers among its samples.
    private static func samples(_ random: inout SeededGenerator) -> [Sample] {
        var time = 0.0
        return (0..<Int.random(in: 1...40, using: &random)).map { _ in
            time += Double.random(in: 1...400, using: &random).rounded()
            return Sample(time: .seconds(time), value: Int.random(in: 0..<5, using: &random) == 0 ? marker : time)
        }
    }

    private func value(_ query: String, at time: Double, _ source: MemorySeriesSource) throws -> Double? {
        guard case .vector(let found) = try Query(query).instant(at: .seconds(time), source: source).value else {
            return nil
        }
        return found.first?.sample.value
    }

    @Test("the newest sample tells without reading what reading tells")
    func newest() throws {
        let seed: UInt64 = 0xCADE
        var random = SeededGenerator(seed: seed)
        for round in 0..<200 {
            var source = MemorySeriesSource()
            source.add([LabelName.metric: "x"], Self.samples(&random))
            let time = Double.random(in: 0...12_000, using: &random).rounded()
            for function in ["last_over_time", "ts_of_last_over_time", "present_over_time"] {
                let query = "\(function)(x[\(Int.random(in: 1...3000, using: &random))])"
                // A range query reads: it has more windows than one.
                let answer = try Query(query).range(
                    from: .seconds(time), to: .seconds(time + 1), stepMilliseconds: 1000, source: source)
                guard case .matrix(let series) = answer.value else { continue }
                let read = series.first?.samples.first { $0.time == .seconds(time) }?.value
                #expect(try value(query, at: time, source) == read, "\(query) at \(time), round \(round), seed \(seed)")
            }
        }
    }

    @Test("the longest silence of a window, its edges counted and no staleness marker")
    func longestSilence() throws {
        let seed: UInt64 = 0x51_1E
        var random = SeededGenerator(seed: seed)
        for round in 0..<200 {
            var source = MemorySeriesSource()
            let samples = Self.samples(&random)
            source.add([LabelName.metric: "x"], samples)
            let end = Double.random(in: 0...12_000, using: &random).rounded()
            let range = Double(Int.random(in: 1...3000, using: &random))
            let heard = samples.filter { $0.value.bitPattern != Self.marker.bitPattern }
                .map(\.time.secondsSince1970).filter { $0 > end - range && $0 <= end }
            let edges = [end - range] + heard + [end]
            let longest = heard.isEmpty ? nil : zip(edges, edges.dropFirst()).map { $1 - $0 }.max()
            #expect(
                try value("longest_silence_over_time(x[\(Int(range))])", at: end, source) == longest,
                "round \(round), seed \(seed)")
        }
    }
}
