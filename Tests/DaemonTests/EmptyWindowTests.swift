import PromQL
import Readings
import RingStore
import StorageSimulator
import TestSupport
import Testing

@testable import quantracd

/// Where a series has a gap, functions of a window in it say nothing, whichever way the store tells them.
@Suite struct NothingIsSaidOfAnEmptyWindow {
    @Test func ofAGapWithReadingsBehindIt() throws {
        let (store, writer) = try RingStore.open(directory: SimulatedDisk(seed: 8).directory, options: .tiny())
        guard case .series(let series) = writer.register(SeriesDescriptor(labels: ["__name__": "t"], unit: nil)) else {
            Issue.record("no series")
            return
        }
        let hour: Int64 = 3_600_000
        for minute in Array(0..<60) + Array(600..<660) {
            var batch = Batch()
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(minute) * 60_000))
            batch.add(series, 1)
            _ = try writer.append(batch)
        }
        let source = StoreSource(snapshot: store.snapshot())
        let gap = Timestamp(milliseconds: 1_700_000_000_000 + 5 * hour)
        for function in ["count", "avg", "min", "max", "sum", "first", "last", "present", "stddev"] {
            for range in ["[1h]", "[59m]", "[7m13s]", "[1h] offset 30m"] {
                let text = "\(function)_over_time(t\(range))"
                #expect(try Query(text).instant(at: gap, source: source).value == .vector([]), "\(text)")
                let fixed = try Query("\(function)_over_time(t\(range) @ \(gap.milliseconds / 1000))")
                let steps = try fixed.range(
                    from: gap, to: gap.advanced(byMilliseconds: hour), stepMilliseconds: hour, source: source)
                #expect(steps.value == .matrix([]), "\(text) @")
            }
        }
        #expect(try Query("count(avg_over_time(t[1h]))").instant(at: gap, source: source).value == .vector([]))
        try writer.close()
    }
}
