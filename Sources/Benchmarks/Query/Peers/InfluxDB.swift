import Foundation
import Readings

/// InfluxDB 1 as a peer. All readings are of one measurement, because no statement averages over several; the metric is a tag.
final class InfluxDB: Peer {
    static let name = "InfluxDB"
    static let programs = ["influxd"]
    static let database = "fleet"
    static let measurement = "reading"

    let process: ChildProcess
    let connection: LoopbackConnection
    private let path: String

    init(program: String, path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let port = try freePort()
        // Otherwise it would be four hours before it has merged what no longer grows.
        let configuration = """
            reporting-disabled = true
            bind-address = "127.0.0.1:\(try freePort())"
            [meta]
            dir = "\(path)/meta"
            [data]
            dir = "\(path)/data"
            wal-dir = "\(path)/wal"
            query-log-enabled = false
            cache-snapshot-write-cold-duration = "10s"
            compact-full-write-cold-duration = "10s"
            [monitor]
            store-enabled = false
            [http]
            bind-address = "127.0.0.1:\(port)"
            log-enabled = false
            [logging]
            level = "error"

            """
        try configuration.write(toFile: path + "/influxdb.conf", atomically: false, encoding: .utf8)
        let process = try ChildProcess(program, ["-config", path + "/influxdb.conf"], outputPath: path + "/output")
        self.process = process
        connection = try process.wait(for: "its port") { try? LoopbackConnection(port: port) }
    }

    /// As lines, 50,000 of them a request.
    func load(_ set: some ReadingSet) throws {
        try connection.request("POST", QueryPath.influxDB("CREATE DATABASE \(InfluxDB.database)"))
        let beginnings = set.series.map(InfluxDB.beginning)
        var lines: [UInt8] = []
        var count = 0
        try set.forEachRow { time, series, values in
            let ending = Array(" \(time)\n".utf8)
            for (index, value) in zip(series, values) {
                lines += beginnings[index]
                lines.append(contentsOf: value.description.utf8)
                lines += ending
            }
            count += series.count
            if count >= 50_000 {
                try post(&lines)
                count = 0
            }
        }
        try post(&lines)
        try settle()
    }

    /// `reading,device=sensor-1,metric=temperature,room=room-1 value=`
    private static func beginning(of series: Labels) -> [UInt8] {
        let tags = series.sorted.filter { $0.name != "__name__" }.map { ",\($0.name)=\($0.value)" }
        return Array("\(measurement)\(tags.joined()) value=".utf8)
    }

    private func post(_ lines: inout [UInt8]) throws {
        try connection.request("POST", "/write?db=\(InfluxDB.database)&precision=ms", body: lines)
        lines.removeAll(keepingCapacity: true)
    }

    /// Waits until nothing is in its log any more, and its files are merged as far as they will be.
    private func settle() throws {
        try process.waitUntilSettled(
            seconds: 20, isBusy: { directoryBytes(path + "/wal", allocated: false) > 0 },
            bytes: { directoryBytes(path + "/data", allocated: false) })
    }

    func path(of question: Question, _ repetition: Int) -> String { question.influxQL(repetition) }

    func summary(of answer: [UInt8]) throws -> AnswerSummary { try AnswerSummary(influxDB: answer) }

    func version() throws -> String? {
        let answer = Data(try connection.request("GET", QueryPath.influxDB("SHOW DIAGNOSTICS FOR 'build'")))
        let body = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
        let series = ((body?["results"] as? [[String: Any]])?.first?["series"] as? [[String: Any]])?.first
        guard let column = (series?["columns"] as? [String])?.firstIndex(of: "Version"),
            let row = (series?["values"] as? [[Any]])?.first, column < row.count
        else { return nil }
        return row[column] as? String
    }
}
