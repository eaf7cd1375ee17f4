import Foundation
import QueryAPI
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("Each command keeps its word on output, errors and exit codes")
struct CommandTests {
    private struct Run {
        var status: Int32?
        var output: String
        var errors: String
    }

    private let directory: TemporaryDirectory
    private let socket: String

    init() throws {
        directory = try TemporaryDirectory()
        socket = directory.file("query.sock")
    }

    /// Runs the program itself; its output goes to files, so that nothing is a terminal.
    private func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Run {
        let program = try ChildProcess.locate("quantrac")
        let name = UUID().uuidString
        let process = try ChildProcess(
            "/bin/sh", ["-c", "exec \"$0\" \"$@\" > \"$OUT\" 2> \"$ERR\"", program] + arguments,
            environment: [
                "QUANTRAC_SOCKET": socket, "OUT": directory.file(name + ".out"), "ERR": directory.file(name + ".err"),
                "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C.UTF-8",
            ].merging(environment) { $1 }, outputPath: directory.file(name))
        let status = try await process.waitForExit(timeout: .seconds(60))
        func text(_ suffix: String) -> String {
            (try? String(contentsOfFile: directory.file(name + suffix), encoding: .utf8)) ?? ""
        }
        return Run(status: status, output: text(".out"), errors: text(".err"))
    }

    private func daemon(_ answers: [String: String]) throws -> CannedDaemon {
        try CannedDaemon(socketPath: socket, answers: answers)
    }

    private func encoded(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    @Test func statusTellsHealthByItsExitCode() async throws {
        var report = SampleReports.status
        let degraded = try daemon(["/api/v1/status": CannedDaemon.success(try encoded(report))])
        let bad = try await run("status", "--format", "json")
        #expect(bad.status == 1)
        #expect(bad.errors.isEmpty)
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(bad.output.utf8)).problems == report.problems)
        #expect(degraded.requests == ["GET /api/v1/status HTTP/1.1 "])

        let other = directory.file("other.sock")
        report.healthy = true
        report.problems = []
        let healthy = try CannedDaemon(
            socketPath: other, answers: ["/api/v1/status": CannedDaemon.success(try encoded(report))])
        let good = try await run("--socket", other, "--lang", "vi", "status")
        #expect(good.status == 0)
        #expect(good.output.hasPrefix("Quantrac 0.1.0 · hoạt động tốt · đã chạy 3 giờ 12 phút\n"))
        #expect(healthy.requests.count == 1)
    }

    @Test func aDaemonThatIsNotThereIsTwoAndSaysWhatToDo() async throws {
        let missing = try await run("devices")
        #expect(missing.status == 2)
        #expect(missing.output.isEmpty)
        #expect(missing.errors.hasPrefix("quantrac: There is no query socket at \(socket).\n  Is quantracd running?"))

        try directory.write("", to: "file")
        let file = try await run("devices", "--socket", directory.file("file"))
        #expect(file.status == 2)
        #expect(file.errors.contains("is not a socket"))

        // Bound and left: a daemon that was killed.
        let stale = directory.file("stale.sock")
        let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(stale.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
        #expect(bound == 0)
        let left = try await run("devices", "--socket", stale, "--lang", "vi")
        #expect(left.status == 2)
        #expect(left.errors.hasPrefix("quantrac: Không ai trả lời trên socket \(stale)."))

        let port = try await run("devices", "--url", "http://127.0.0.1:1")
        #expect(port.status == 2)
        #expect(port.errors.contains("http://127.0.0.1:1 cannot be reached: Connection refused"))
    }

    @Test func theDaemonsErrorIsPrintedAsItSaysIt() async throws {
        let daemon = try daemon([
            "/api/v1/query": CannedDaemon.json(
                #"{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected \u001b[31m"}"#,
                status: "400 Bad Request")
        ])
        let result = try await run("query", "sum(")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors == "quantrac: 1:5: parse error: unexpected \u{FFFD}[31m\n")
        #expect(daemon.requests.count == 1)
        #expect(daemon.requests.first?.contains("query=sum%28&time=") == true)
    }

    @Test func whatIsNoQuantracIsSaid() async throws {
        let daemon = try daemon(["/api/v1/devices": CannedDaemon.success(#"{"not":"a list"}"#)])
        let strange = try await run("devices")
        #expect(strange.status == 1)
        #expect(strange.errors.contains("The daemon's answer cannot be read"))
        let other = try await run("alerts")
        #expect(other.status == 1)
        #expect(other.errors.contains("answers (HTTP 404), but not as Quantrac does"))
        #expect(daemon.requests.count == 2)
    }

    @Test func historyFindsTheDeviceByNameAndEscapesItsIdentifier() async throws {
        var device = SampleReports.devices[0]
        device.device = "a\"b\\"
        let daemon = try daemon([
            "/api/v1/devices": CannedDaemon.success(try encoded([device])),
            // Two steps from 14:00 local time on, the second without a finite number.
            "/api/v1/history": CannedDaemon.success(
                """
                [{"metric":{"__name__":"temperature"},"unit":"Cel","start":[1795417200,1795419000],"end":[1795419000,1795420800],"count":[3,1],
                "min":[-19,null],"max":[-18,null],"mean":[-18.5,null],"first":[-19,null],"last":[-18.4,null]}]
                """),
        ])
        let result = try await run(
            "history", "tu dong", "temp", "--since", "2026-11-23 13:00", "--until", "2026-11-23 15:00", "--step", "30m")
        #expect(result.status == 0)
        #expect(
            result.output == """
                time              value [°C]  min    avg  max
                2026-11-23 14:30       -18.4  -19  -18.5  -18

                """)
        let form = daemon.requests.last ?? ""
        #expect(
            form.contains("match%5B%5D=temperature%7Bdevice%3D%22a%5C%22b%5C%5C%22%2Chousehold%3D%22home%22%7D&start="),
            "\(form)")
        // A step holds its end, and not its start.
        #expect(form.contains("&start=2026-11-23T06%3A00%3A00.001Z&end=2026-11-23T08%3A00%3A00.000Z&"), "\(form)")
        #expect(form.contains("&step=1800&origin=2026-11-23T06%3A00%3A00.000Z"), "\(form)")

        // As people write it: the words of a metric, or of a device, without quotes.
        let words = try await run(
            "history", "tủ đông", "nhiệt", "độ", "--since", "2026-11-23 13:00", "--until", "2026-11-23 15:00", "--step",
            "30m")
        #expect(words.output == result.output, "\(words.errors)")
        let latest = try await run("latest", "tu", "dong", "--format", "csv")
        #expect(latest.status == 0 && latest.output.contains("temperature"), "\(latest.errors)")

        let elsewhere = try await run("latest", "--household", "shop")
        #expect(elsewhere.status == 1)
        #expect(elsewhere.errors == "quantrac: There is no household 'shop' with devices.\n  There are: home.\n")
        let miss = try await run("history", "tủ đôg", "temperature")
        #expect(miss.status == 1)
        #expect(miss.errors == "quantrac: There is no device 'tủ đôg'.\n  Did you mean 'Tủ đông'?\n")
        let time = try await run("history", "tủ đông", "temperature", "--since", "24")
        #expect(time.status == 64)
        #expect(time.errors.hasPrefix("quantrac: --since: '24' is no time.\n"))
        // The list and the range, and the list for each miss; a wrong time is found before anything is asked.
        #expect(daemon.requests.count == 7)
    }

    /// `quantrac history "phòng khách" nhiệt độ`: of the devices in a room the one that measures it.
    @Test func aRoomMeansTheDeviceInIt() async throws {
        var devices = SampleReports.devices
        for index in devices.indices { devices[index].room = "Phòng khách" }
        let daemon = try daemon([
            "/api/v1/devices": CannedDaemon.success(try encoded(devices)),
            "/api/v1/history": CannedDaemon.success(
                """
                [{"metric":{"__name__":"temperature"},"unit":"Cel","start":[1795417200],"end":[1795419000],"count":[3],
                "min":[-19],"max":[-18],"mean":[-18.5],"first":[-19],"last":[-18.4]}]
                """),
        ])
        let found = try await run(
            "history", "phong khach", "nhiệt", "độ", "--since", "2026-11-23 14:00", "--until", "2026-11-23 14:30",
            "--step", "30m")
        #expect(found.status == 0, "\(found.errors)")
        #expect(found.output.contains("-18.4"))
        #expect(daemon.requests.last?.contains("zigbee2mqtt%2Ft%E1%BB%A7%20%C4%91%C3%B4ng") == true)
        let several = try await run("latest", "Phòng", "khách")
        #expect(several.status == 1)
        #expect(several.errors.hasPrefix("quantrac: 'Phòng khách' fits several devices: "), "\(several.errors)")
        let none = try await run("history", "phòng khách", "áp", "suất")
        #expect(none.status == 1)
        #expect(none.errors.hasPrefix("quantrac: 'phòng khách' fits several devices: "), "\(none.errors)")
    }

    @Test func exportPassesEveryByteOnAndTellsHalfFromWhole() async throws {
        let line = #"{"metric":{"__name__":"x"},"values":[1],"timestamps":[1]}"# + "\n"
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        let size = String(line.utf8.count, radix: 16)
        let chunks = String(repeating: "\(size)\r\n\(line)\r\n", count: 5000)
        let whole = try daemon(["/api/v1/export": head + chunks + "0\r\n\r\n"])
        let result = try await run("export", "x{a=\"b\"}", "--since", "1d", "--format", "csv")
        #expect(result.status == 0)
        #expect(result.output == String(repeating: line, count: 5000))
        #expect(
            whole.requests.first?.hasPrefix("GET /api/v1/export?match%5B%5D=x%7Ba%3D%22b%22%7D&format=csv&start=")
                == true)
        // Without --until nothing is left out that a clock ahead has dated.
        #expect(whole.requests.first?.contains("end=") == false)

        let cut = try CannedDaemon(socketPath: directory.file("cut.sock"), answers: ["/api/v1/export": head + chunks])
        let half = try await run("export", "--socket", cut.socketPath)
        #expect(half.status == 1)
        #expect(half.errors.contains("The answer was cut off"))
        _ = try await run("export", "--until", "2026-11-23 15:00", "--socket", cut.socketPath)
        #expect(cut.requests.last?.contains("&end=2026-11-23T08%3A00%3A00.000Z") == true)
        #expect(cut.requests.count == 2)
    }

    @Test func noDeviceYetIsNoError() async throws {
        let daemon = try daemon(["/api/v1/devices": CannedDaemon.success("[]")])
        let table = try await run("devices")
        #expect(table.status == 0)
        #expect(table.output.isEmpty)
        #expect(table.errors.contains("No device yet."))
        let json = try await run("latest", "--format", "json")
        #expect(json.output == "[]\n")
        #expect(json.errors.isEmpty)
        #expect(daemon.requests.count == 2)
    }
}
