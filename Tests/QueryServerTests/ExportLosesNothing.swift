import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import PromQL
import Readings
import TestSupport
import Testing

@testable import QueryServer

@Suite struct ExportLosesNothing {
    @Test func linesOfJSON() async throws {
        try await asking { client in
            let answer = try await client.get("/api/v1/export?match[]=%7Bdevice%3D~%22.%2B%22%7D")
            #expect(
                answer.text == #"""
                    {"metric":{"__name__":"power","device":"plug","household":"home","phase":"1"},"unit":"W","values":[null,"Infinity","-Infinity",-0,1e+21,1e-07,0.1],"timestamps":[1700000000250,1700000001250,1700000002250,1700000003250,1700000004250,1700000005250,1700000006250]}
                    {"metric":{"__name__":"temperature","device":"freezer","household":"home"},"unit":"Cel","values":[-20,-19,-18,-17,-16],"timestamps":[1700000000000,1700000060000,1700000120000,1700000180000,1700000240000]}

                    """#)
            let part = try await client.post(
                "/api/v1/export?start=1700000060", form: "match[]=temperature&end=1700000120")
            #expect(part.text.contains(#""values":[-19,-18],"#), "\(part.text)")
        }
    }

    @Test func rowsOfCSV() async throws {
        let odd = Household([
            .init(
                labels: ["__name__": "level", "device": "a,\"b\"", "phase": "1"], unit: "m",
                samples: [.init(time: Household.start, value: 1.5)])
        ])
        try await asking(odd) { client in
            let answer = try await client.get("/api/v1/export?match[]=level&format=csv")
            #expect(
                answer.text
                    == "metric,household,device,labels,unit,time,value\r\n"
                    + "level,,\"a,\"\"b\"\"\",\"{phase=\"\"1\"\"}\",m,2023-11-14T22:13:20.000Z,1.5\r\n")
        }
    }

    @Test func theMarkerOfAnEndIsNoCommonNaN() async throws {
        let ended = Household([
            .init(
                labels: ["__name__": "level"], unit: nil,
                samples: [.init(time: Household.start, value: Double(bitPattern: 0x7ff0_0000_0000_0002))])
        ])
        try await asking(ended) { client in
            let answer = try await client.get("/api/v1/export?match[]=level")
            #expect(answer.text.contains(#""values":["StaleNaN"]"#), "\(answer.text)")
        }
    }

    /// Values drawn from all bit patterns come back bit for bit, in order, each once, across many pieces and lines.
    @Test(arguments: [1, 2, 3] as [UInt64]) func everyNumberComesBack(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var time: Int64 = 1_600_000_000_000
        let series = (0..<3).map { number in
            Household.Series(
                labels: ["__name__": "noise", "device": "d\(number)"], unit: nil,
                samples: (0..<Int.random(in: 2000...9000, using: &generator)).map { _ in
                    time += Int64.random(in: 1...5000, using: &generator)
                    let value = Double(bitPattern: generator.next())
                    return Sample(time: .init(milliseconds: time), value: value.isFinite ? value : 0)
                })
        }
        try await asking(Household(series)) { client in
            let answer = try await client.get("/api/v1/export?match[]=noise")
            var read: [String: [Sample]] = [:]
            for line in answer.text.split(separator: "\n") {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                let device = try #require((object["metric"] as? [String: String])?["device"])
                // Foundation's own reading of numbers is not exact; the standard library's is.
                let text = try #require(line.split(separator: "\"values\":[").last?.prefix { $0 != "]" })
                let values = try text.split(separator: ",").map { try #require(Double($0)) }
                let times = try #require(object["timestamps"] as? [Int])
                #expect(values.count == times.count)
                #expect(values.count <= 2048)
                read[device, default: []] += zip(times, values).map {
                    Sample(time: .init(milliseconds: Int64($0)), value: $1)
                }
            }
            for one in series {
                #expect(read[one.labels.device]?.count == one.samples.count, "seed \(seed)")
                let same = zip(read[one.labels.device] ?? [], one.samples).allSatisfy {
                    $0.time == $1.time && $0.value.bitPattern == $1.value.bitPattern
                }
                #expect(same, "seed \(seed)")
            }
        }
    }

    @Test func memoryIsThatOfOnePiece() throws {
        let long = Household.Series(
            labels: ["__name__": "level"], unit: nil,
            samples: (0..<200_000).map { .init(time: .init(milliseconds: Int64($0) * 1000), value: 0.123456789) })
        var pieces = ExportPieces(
            series: [long], range: APITime.earliest...APITime.latest, format: JSONLinesExport())
        var largest = 0
        var count = 0
        while let piece = try pieces.next() {
            largest = max(largest, piece.readableBytes)
            count += 1
        }
        #expect(count > 40)
        // A piece is sent once it is full; the last run may go beyond by no more than its own size.
        #expect(largest < StreamedAnswer.pieceBytes + ExportPieces.runLength * 40)
    }
}
