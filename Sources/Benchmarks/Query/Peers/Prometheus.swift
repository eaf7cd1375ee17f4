import Foundation

/// Prometheus as a peer. It is given readings as another Prometheus would: promtool's import reads all of them anew for each block.
final class Prometheus: Peer {
    static let name = "Prometheus"
    static let programs = ["prometheus"]

    let process: ChildProcess
    let connection: LoopbackConnection
    private let data: String

    init(program: String, path: String) throws {
        data = path + "/data"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let port = try freePort()
        try "global: {}\n".write(toFile: path + "/prometheus.yml", atomically: false, encoding: .utf8)
        let process = try ChildProcess(
            program,
            [
                "--config.file=\(path)/prometheus.yml", "--storage.tsdb.path=\(data)",
                "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:\(port)",
                "--web.enable-remote-write-receiver", "--log.level=error",
            ], outputPath: path + "/output")
        self.process = process
        // It listens before it has read its log.
        connection = try process.wait(for: "its being ready") {
            guard let connection = try? LoopbackConnection(port: port) else { return nil }
            return (try? connection.request("GET", "/-/ready")) == nil ? nil : connection
        }
    }

    /// Half an hour of all series a request: samples that are more than an hour older than the newest are refused.
    func load(_ set: some ReadingSet) throws {
        var request = RemoteWriteRequest(set.series)
        var begin: Int64?
        try set.forEachRow { time, series, values in
            if time - (begin ?? time) > 1_800_000 {
                try post(&request)
                begin = nil
            }
            begin = begin ?? time
            request.add(time, series, values)
        }
        try post(&request)
        try settle()
    }

    private func post(_ request: inout RemoteWriteRequest) throws {
        try connection.request("POST", "/api/v1/write", body: request.take())
    }

    /// Waits until all but the newest three hours are in blocks, and the blocks are merged as far as they will be. It may take
    /// a minute until it begins.
    private func settle() throws {
        try process.waitUntilSettled(
            seconds: 10, isBusy: { try headHours() > 3 },
            bytes: { directoryBytes(data, allocated: false) })
    }

    private func headHours() throws -> Double {
        let name = "prometheus_tsdb_head_"
        let times = try connection.metricLines {
            $0.hasPrefix(name + "max_time_seconds ") || $0.hasPrefix(name + "min_time_seconds ")
        }
        let seconds = times.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        return ((seconds.max() ?? 0) - (seconds.min() ?? 0)) / 3600
    }

    func version() throws -> String? {
        let answer = Data(try connection.request("GET", "/api/v1/status/buildinfo"))
        let body = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
        return (body?["data"] as? [String: Any])?["version"] as? String
    }
}
