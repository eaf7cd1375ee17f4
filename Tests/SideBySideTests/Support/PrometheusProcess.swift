import Foundation
import FoundationNetworking
import Readings
import TestSupport

/// A Prometheus of Debian's, with an empty store in a directory of its own.
final class PrometheusProcess: Sendable {
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let url: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init() async throws {
        directory = try TemporaryDirectory()
        let port = try freePort()
        url = "http://127.0.0.1:\(port)/api/v1"
        let configuration = directory.file("prometheus.yml")
        try "global: {}\n".write(toFile: configuration, atomically: true, encoding: .utf8)
        process = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.file("data"))",
                "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:\(port)",
                "--web.enable-remote-write-receiver", "--log.level=warn",
            ], outputPath: directory.file("log"))
        let isReady = try await eventually { canConnect(to: port) }
        guard isReady else { throw Failure(description: "prometheus does not listen: \(process.output)") }
    }

    /// `series` must not be older than what was written before.
    func write(_ series: [RemoteWrite.Series]) async throws {
        var request = URLRequest(url: try address("write"))
        request.httpMethod = "POST"
        request.setValue("snappy", forHTTPHeaderField: "Content-Encoding")
        request.setValue("application/x-protobuf", forHTTPHeaderField: "Content-Type")
        request.setValue("0.1.0", forHTTPHeaderField: "X-Prometheus-Remote-Write-Version")
        request.httpBody = Data(RemoteWrite.request(series))
        let (body, response) = try await URLSession.shared.data(for: request)
        guard let answer = response as? HTTPURLResponse, answer.statusCode / 100 == 2 else {
            throw Failure(description: "not written: \(String(decoding: body, as: UTF8.self))")
        }
    }

    /// The answer to a range query; times in milliseconds.
    func range(_ query: String, from start: Int64, to end: Int64, step: Int64) async throws -> Answer {
        var request = URLRequest(url: try address("query_range"))
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        let unreserved = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "0"..."9"))
        let text = query.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
        func seconds(_ milliseconds: Int64) -> String { "\(Double(milliseconds) / 1000)" }
        request.httpBody = Data(
            "query=\(text)&start=\(seconds(start))&end=\(seconds(end))&step=\(seconds(step))".utf8)
        let (body, _) = try await URLSession.shared.data(for: request)
        return try Answer(json: body)
    }

    private func address(_ path: String) throws -> URL {
        guard let address = URL(string: "\(url)/\(path)") else { throw Failure(description: "no URL: \(url)") }
        return address
    }
}
