import Readings
import Testing

@testable import Benchmarks

@Suite("What peers are sent, and what they answer, is what their formats say")
struct PeerFormatTests {
    @Test("a remote write is the protobuf message and the snappy block that are made by hand")
    func remoteWrite() {
        var request = RemoteWriteRequest([["__name__": "t", "room": "a"], ["__name__": "u"]])
        request.add(300, [0], [1])
        let message: [UInt8] =
            // WriteRequest.timeseries: two labels and a sample, each with a head of two bytes.
            [0x0A, 40] + [0x0A, 13, 0x0A, 8] + Array("__name__".utf8) + [0x12, 1] + Array("t".utf8)
            + [0x0A, 9, 0x0A, 4] + Array("room".utf8) + [0x12, 1] + Array("a".utf8)
            // Sample of 12 bytes: 1.0 as a double, 300 as a varint.
            + [0x12, 12, 0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0xAC, 0x02]
        // The length, and one literal whose length less one has four bytes.
        let block = [UInt8(message.count), 0xFC, UInt8(message.count - 1), 0, 0, 0] + message
        #expect(request.take() == block)
        #expect(request.take() == [0])
    }

    @Test("the same values are the same answer in the formats of Prometheus and InfluxDB, in any order")
    func summaries() throws {
        let prometheus = try AnswerSummary(
            prometheus: Array(
                #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":[[60,"1.5"],[120,"2"]]},{"metric":{"a":"2"},"values":[[60,"-3"]]}]}}"#
                    .utf8))
        let influx = try AnswerSummary(
            influxDB: Array(
                #"{"results":[{"statement_id":0,"series":[{"name":"r","tags":{"a":"2"},"columns":["time","mean"],"values":[[0,-3],[60,null]]},{"name":"r","tags":{"a":"1"},"columns":["time","mean"],"values":[[0,1.5],[60,2]]}]}]}"#
                    .utf8))
        #expect(prometheus == influx)
        #expect(prometheus.series == 2 && prometheus.samples == 3 && prometheus.least == -3)
        #expect(prometheus.agrees(with: influx))
        let instant = try AnswerSummary(
            prometheus: Array(#"{"data":{"result":[{"metric":{},"value":[60,"7"]}]}}"#.utf8))
        #expect(instant.series == 1 && instant.sum == 7)
        #expect(!instant.agrees(with: prometheus))
    }

    @Test("nothing, another mean, and a missing series are other answers; a sample at an edge is not")
    func differences() {
        func summary(_ series: [Double]...) -> AnswerSummary {
            var summary = AnswerSummary()
            for values in series { summary.add(values) }
            return summary
        }
        let day = [20, 21, 22, 20, 21, 22]
        #expect(summary(day.map(Double.init)).agrees(with: summary(day.map(Double.init))))
        #expect(!AnswerSummary().agrees(with: AnswerSummary()))
        #expect(!summary([20, 21]).agrees(with: summary([20], [21])))
        #expect(!summary([20, 21]).agrees(with: summary([20, 21.5])))
        let long = (0..<1440).map { 20 + Double($0 % 10) }
        #expect(summary(long).agrees(with: summary(Array(long.dropFirst()))))
        #expect(!summary(long).agrees(with: summary(Array(long.dropFirst(2)))))
    }

    @Test("an answer that tells of an error is none")
    func errors() {
        #expect(throws: AnswerSummary.Failure.self) {
            try AnswerSummary(influxDB: Array(#"{"results":[{"statement_id":0,"error":"no"}]}"#.utf8))
        }
        #expect(throws: AnswerSummary.Failure.self) {
            try AnswerSummary(prometheus: Array(#"{"status":"error","error":"no"}"#.utf8))
        }
    }
}
