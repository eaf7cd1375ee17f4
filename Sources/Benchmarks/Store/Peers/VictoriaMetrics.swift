import Foundation

/// VictoriaMetrics as a peer: a process of its own on loopback with an empty directory, given the same readings.
final class VictoriaMetrics {
    static let name = "VictoriaMetrics"

    /// The program, if it is installed.
    static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.flatMap { ["\($0)/victoria-metrics", "\($0)/victoria-metrics-prod"] }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private let process: ChildProcess
    private let connection: LoopbackConnection
    private let path: String

    /// Starts it in the directory `path`, which it makes.
    init(program: String, path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let port = try freePort()
        let process = try ChildProcess(
            program,
            [
                "-storageDataPath=\(path)/data", "-httpListenAddr=127.0.0.1:\(port)", "-retentionPeriod=100y",
                "-search.disableCache", "-search.latencyOffset=0s", "-loggerLevel=ERROR",
            ], outputPath: path + "/output")
        self.process = process
        connection = try process.wait(for: "its port") { try? LoopbackConnection(port: port) }
    }

    func stop() { process.terminate() }

    /// Gives it all of `set`, as its own JSON lines, up to 1.5 million samples a request.
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

    /// Waits until everything is on disk and merged as far as it will be: no merge runs, and its size stays the same for two
    /// seconds. The merge is started in the background, one partition after the other.
    private func settle() throws {
        try connection.request("GET", "/internal/force_flush")
        try connection.request("GET", "/internal/force_merge")
        var sizes: [UInt64] = []
        try process.wait(every: 0.2, atMost: 300, for: "the end of its merges") {
            sizes.append(try activeMerges() > 0 ? 0 : bytes)
            let newest = sizes.suffix(10)
            return newest.count == 10 && newest.allSatisfy { $0 > 0 && $0 == newest.first } ? () : nil
        }
    }

    private func activeMerges() throws -> Double {
        let metrics = String(decoding: try connection.request("GET", "/metrics"), as: UTF8.self)
        return metrics.split(separator: "\n")
            .filter { $0.hasPrefix("vm_active_merges{") || $0.hasPrefix("vm_pending_rows{type=\"storage\"") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }

    /// Bytes of its files of data and index; caches and locks left out.
    var bytes: UInt64 {
        ["data", "indexdb"].reduce(0) { $0 + directoryBytes(path + "/data/" + $1, allocated: false) }
    }

    var peakResidentBytes: Double { process.peakResidentBytes }

    /// The median time of `count` answers to different questions, in seconds, after one that is not counted.
    func medianQuerySeconds(of count: Int, _ path: (_ repetition: Int) -> String) throws -> Double {
        try connection.request("GET", path(0))
        return try medianSeconds(of: count) { try connection.request("GET", path($0)) }
    }
}
