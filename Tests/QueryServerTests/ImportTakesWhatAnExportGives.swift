import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Readings
import Synchronization
import TestSupport
import Testing

@testable import QueryServer

@Suite struct ImportTakesWhatAnExportGives {
    private func read(_ text: String, _ format: any ImportFormat) throws -> [ImportedSeries] {
        var lines = ImportLines(format)
        var all: [ImportedSeries] = []
        // Wherever the network cuts.
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 7) {
            try lines.add(bytes[start..<min(start + 7, bytes.count)])
            while try lines.next() { all += lines.takeSeries() }
        }
        _ = try lines.next(atEnd: true)
        return all + lines.takeSeries()
    }

    private func fault(_ text: String, _ format: any ImportFormat = JSONLinesImport()) -> String? {
        do {
            _ = try read(text, format)
            return nil
        } catch {
            return (error as? ImportFault)?.what ?? "\(error)"
        }
    }

    private let odd: [Double] = [
        .nan, .infinity, -.infinity, -0.0, 0, 1e21, 1e-7, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        Double(bitPattern: 0x7ff0_0000_0000_0002), Double(bitPattern: 0xfff8_0000_0000_0123), 5e-324, 123456789.125,
    ]

    /// What one of the two wrote the other reads, bit for bit, in both formats.
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyNumberAndEveryLabel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let names = ["device", "phòng", "a\"b", "x,y", "tủ đông 🧊", "back\\slash"]
        let series = (0..<6).map { number in
            Household.Series(
                labels: Labels([
                    Label("__name__", "noise_\(number)"), Label("device", names[number]), Label("household", "nhà"),
                    Label("extra", names[5 - number]),
                ]), unit: number % 2 == 0 ? "Cel" : nil,
                samples: (0..<50).map { index in
                    let value = index < odd.count ? odd[index] : Double(bitPattern: generator.next())
                    return Sample(
                        time: Timestamp(milliseconds: 1_700_000_000_000 + Int64(index) * 1001),
                        // CSV says Inf of a NaN's payload only that it is there; JSON keeps it too.
                        value: value)
                })
        }
        for (export, format) in [
            (JSONLinesExport() as any ExportFormat, JSONLinesImport() as any ImportFormat),
            (CSVExport(), CSVImport()),
        ] {
            var out = ByteBuffer()
            export.writeHeader(to: &out)
            for one in series { export.write(one.samples, of: one, to: &out) }
            let back = try read(String(buffer: out), format)
            #expect(back.count == series.count)
            for (one, other) in zip(series, back) {
                #expect(one.labels == other.labels)
                #expect(one.unit == other.unit)
                #expect(one.samples.map(\.time) == other.samples.map(\.time))
                #expect(
                    one.samples.map(\.value.bitPattern) == other.samples.map(\.value.bitPattern),
                    "seed \(seed), \(type(of: export))")
            }
        }
    }

    @Test func whatIsNoLineIsNamed() {
        let metric = #"{"metric":{"__name__":"x"},"#
        #expect(fault(metric + #""values":[1],"timestamps":[1]}"#) == nil)
        #expect(fault("{") != nil)
        #expect(fault(metric + #""values":[1],"timestamps":[1,2]}"#)?.contains("as many") == true)
        #expect(fault(metric + #""values":[1],"timestamps":[1.5]}"#)?.contains("whole number") == true)
        #expect(fault(metric + #""values":[1e999],"timestamps":[1]}"#) != nil)
        #expect(fault(metric + #""values":[01],"timestamps":[1]}"#) != nil)
        #expect(fault(metric + #""values":["x"],"timestamps":[1]}"#)?.contains("no number") == true)
        #expect(fault(metric + #""values":[1],"timestamps":[99999999999999999]}"#)?.contains("years") == true)
        #expect(fault(metric + #""values":[1],"timestamps":[1]} {}"#) != nil)
        #expect(fault(#"{"metric":{},"values":[1],"timestamps":[1]}"#)?.contains("__name__") == true)
        #expect(
            fault(#"{"metric":{"__name__":"x","a":"1","a":"2"},"values":[],"timestamps":[]}"#)?.contains("twice")
                == true)
        #expect(fault(#"{"metric":{"__name__":"x\u0007"},"values":[],"timestamps":[]}"#)?.contains("control") == true)
        #expect(fault(#"{"metric":{"__name__":"\ud800"},"values":[],"timestamps":[]}"#)?.contains("surrogate") == true)
        #expect(fault(#"{"values":[],"timestamps":[]}"#) != nil)
        #expect(fault("a,b,c", CSVImport())?.contains("first row") == true)
        let header = CSVImport.header + "\r\n"
        #expect(fault(header + "x,home,d,,,2023-11-14T22:13:20.000Z,1.5\r\n", CSVImport()) == nil)
        #expect(fault(header + "x,home,d,,,2023-11-14T22:13:20.000Z\r\n", CSVImport())?.contains("fields") == true)
        #expect(fault(header + "x,home,d,,,yesterday,1\r\n", CSVImport())?.contains("no time") == true)
        #expect(
            fault(header + "x,home,d,,,2023-11-14T22:13:20.000Z,0x10\r\n", CSVImport())?.contains("no number") == true)
        #expect(fault(header + "x,home,d,\"{a!=\"\"1\"\"}\",,2023-11-14T22:13:20.000Z,1\r\n", CSVImport()) != nil)
        #expect(
            fault(header + "x,home,d,\"{a=\"\"1\"\",b=~\"\"2\"\"}\",,2023-11-14T22:13:20.000Z,1\r\n", CSVImport())?
                .contains("equalities") == true)
    }

    /// Bytes of any kind end in a fault or in series, never in a trap.
    @Test(arguments: [4, 5] as [UInt64]) func hostileBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let line =
            #"{"metric":{"__name__":"x","d":"tủ\n"},"unit":"Cel","values":[1,null,"-Infinity"],"timestamps":[1,2,3]}"#
        let row =
            CSVImport.header + "\nx,home,\"d,\"\"\",\"{a=\"\"1\"\"}\",W,2023-11-14T22:13:20.000Z,NaN:7ff8000000000123\n"
        for _ in 0..<3000 {
            for (text, format) in [
                (line, JSONLinesImport() as any ImportFormat), (row, CSVImport()),
            ] {
                var bytes = Array(text.utf8)
                for _ in 0..<(1 + generator.next() % 4) {
                    let place = Int(generator.next() % UInt64(bytes.count))
                    switch generator.next() % 3 {
                    case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                    default: bytes.insert(contentsOf: bytes[place...].prefix(5), at: place)
                    }
                    if bytes.isEmpty { bytes = [0] }
                }
                var lines = ImportLines(format)
                do {
                    try lines.add(bytes)
                    while try lines.next() {}
                    _ = try lines.next(atEnd: true)
                } catch {
                    #expect(!error.what.isEmpty)
                }
            }
        }
    }

    @Test func theAnswerCountsAndABadLineIsNumbered() async throws {
        let household = Household([])
        try await asking(household) { client in
            let good = #"{"metric":{"__name__":"x"},"values":[1,2],"timestamps":[1,2]}"#
            let answer = try await client.send("/api/v1/import", body: good + "\n\n" + good + "\n")
            #expect(answer.text.contains(#""stored":4"#) && answer.text.contains(#""lines":3"#), "\(answer.text)")
            let bad = try await client.send("/api/v1/import?first_line=100", body: good + "\nnonsense\n" + good)
            #expect(bad.status == .badRequest)
            #expect(bad.text.contains("line 101: "), "\(bad.text)")
            // What came before it was taken, and is reported.
            #expect(bad.text.contains(#""stored":2"#), "\(bad.text)")
            #expect(try await client.send("/api/v1/import?format=xml", body: good).status == .badRequest)
        }
        #expect(household.imported.withLock { $0.count } == 3)
    }

    @Test func aPageOfAnotherSiteImportsNothing() async throws {
        let household = Household([])
        try await asking(household) { client in
            let answer = try await client.send(
                "/api/v1/import", body: #"{"metric":{"__name__":"x"},"values":[1],"timestamps":[1]}"#,
                headers: [.origin: "https://example.org"])
            #expect(answer.status == .forbidden)
        }
        #expect(household.imported.withLock { $0.isEmpty })
    }
}
