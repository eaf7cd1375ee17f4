import Foundation

/// VictoriaMetrics as a peer.
final class VictoriaMetrics: Peer {
    static let name = "VictoriaMetrics"
    static let programs = ["victoria-metrics", "victoria-metrics-prod"]

    let process: ChildProcess
    let connection: LoopbackConnection
    private let path: String

    init(program: String, path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let port = try freePort()
        let process = try ChildProcess(
            program,
            [
                "-storageDataPath=\(path)/data", "-httpListenAddr=127.0.0.1:\(port)", "-retentionPeriod=100y",
                "-search.disableCache", "-search.latencyOffset=0s", "-loggerLevel=ERROR",
                // Otherwise it closes connections after two minutes, in the midst of being filled on a slow machine.
                "-http.connTimeout=1h",
            ], outputPath: path + "/output")
        self.process = process
        connection = try process.wait(for: "its port") { try? LoopbackConnection(port: port) }
    }

    /// As its own JSON lines, up to 1.5 million samples a request.
    func load(_ set: some ReadingSet) throws {
        var lines = ImportLines(set.series)
        try set.forEachRow { time, series, values in
            lines.add(time, series, values)
            if lines.samples >= 1_500_000 { try post(&lines) }
        }
        try post(&lines)
        try settle()
    }

    private func post(_ lines: inout ImportLines) throws {
        guard lines.samples > 0 else { return }
        try connection.request("POST", "/api/v1/import", body: lines.takeAll())
    }

    /// Waits until everything is on disk and merged as far as it will be. The merge is started in the background, one
    /// partition after the other.
    private func settle() throws {
        try connection.request("GET", "/internal/force_flush")
        try connection.request("GET", "/internal/force_merge")
        try process.waitUntilSettled(
            seconds: 2,
            isBusy: { try metrics("vm_active_merges{", "vm_pending_rows{type=\"storage\"").reduce(0, +) > 0 },
            bytes: { bytes })
    }

    private func metrics(_ prefixes: String...) throws -> [Double] {
        try connection.metricLines { line in prefixes.contains(where: line.hasPrefix) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    }

    /// Bytes of its files of data and index; caches and locks left out.
    var bytes: UInt64 {
        ["data", "indexdb"].reduce(0) { $0 + directoryBytes(path + "/data/" + $1, allocated: false) }
    }

    /// Debian's build tells none.
    func version() throws -> String? { nil }

    /// The median time of `count` answers to different questions, in seconds, after one that is not counted.
    func medianQuerySeconds(of count: Int, _ path: (_ repetition: Int) -> String) throws -> Double {
        try connection.request("GET", path(0))
        return try medianSeconds(of: count) { try connection.request("GET", path($0)) }
    }
}

extension LoopbackConnection {
    /// The lines of `/metrics` that `isWanted`.
    func metricLines(_ isWanted: (String) -> Bool) throws -> [String] {
        String(decoding: try request("GET", "/metrics"), as: UTF8.self)
            .split(separator: "\n").map(String.init).filter(isWanted)
    }
}
