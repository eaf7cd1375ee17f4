import Foundation
import TestSupport
import Testing

@Suite("Damage on the disk is told wherever it matters", .serialized)
struct DamageTests {
    private func quantrac(_ arguments: [String], _ daemon: DaemonProcess, output: String) async throws -> Int32? {
        try await ChildProcess("quantrac", arguments, outputPath: daemon.directory.file(output))
            .waitForExit(timeout: .seconds(60))
    }

    private func output(_ daemon: DaemonProcess, _ name: String) -> String {
        (try? String(contentsOfFile: daemon.directory.file(name), encoding: .utf8)) ?? ""
    }

    /// Noise, which fills some segments of 64 KiB; the daemon is stopped then.
    private func fill(_ daemon: DaemonProcess) async throws {
        var random = SeededGenerator(seed: 5)
        var lines = ""
        for block in 0..<40 {
            let values = (0..<1000).map { _ in "\(Double(random.next() % 1_000_000_007) / 1000)" }
            let times = (0..<1000).map { "\(1_700_000_000_000 + (block * 1000 + $0) * 1000)" }
            lines +=
                #"{"metric":{"__name__":"noise","device":"d1","household":"home"},"values":["#
                + values.joined(separator: ",") + #"],"timestamps":["# + times.joined(separator: ",") + "]}\n"
        }
        let file = try daemon.directory.write(lines, to: "noise.jsonl")
        try await daemon.start(connected: false)
        #expect(try await quantrac(["import", file, "--socket", daemon.socketPath], daemon, output: "import.log") == 0)
        #expect(try await daemon.stop() == 0)
    }

    /// Flips a bit in a chunk of the first segment of readings.
    private func damageAChunk(_ path: String) throws {
        var pool = try Data(contentsOf: URL(fileURLWithPath: path))
        let slot = try #require(
            stride(from: 0, to: pool.count, by: 64 << 10).first {
                pool[$0..<($0 + 4)].elementsEqual("QLS1".utf8) && pool[$0 + 70] == 1
            })
        pool[slot + 2000] ^= 1
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(slot + 2000))
        try file.write(contentsOf: [pool[slot + 2000]])
        try file.close()
    }

    @Test func aChunk() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try await fill(daemon)
        try damageAChunk(daemon.directory.file("store") + "/pool")
        try await daemon.start(connected: false)
        // Found without anybody asking.
        #expect(try await eventually(timeout: .seconds(60)) { daemon.log.contains("store damaged") }, "\(daemon.log)")
        #expect(daemon.log.contains(#"noise{device="d1",household="home"}: "#), "\(daemon.log)")
        let status = try daemon.get("/api/v1/status").body
        #expect(status.contains("1 chunk damaged, such as: noise"), "\(status)")
        #expect(status.contains("1 khối bị hỏng, chẳng hạn: noise"), "\(status)")
        #expect(status.contains("'quantrac store verify \(daemon.directory.file("store"))'"), "\(status)")
        let socket = ["--socket", daemon.socketPath]
        #expect(try await quantrac(["export", "--format", "csv"] + socket, daemon, output: "export") == 0)
        #expect(output(daemon, "export").contains("quantrac: left out, because it is damaged on the disk: noise{"))
        #expect(try await quantrac(["export", "--lang", "vi"] + socket, daemon, output: "xuất") == 0)
        #expect(output(daemon, "xuất").contains("bị bỏ qua vì hỏng trên đĩa: noise{"))
        let query = try daemon.get("/api/v1/query_range?query=noise&start=1700000000&end=1700040000&step=60").body
        #expect(query.contains(#""warnings":["left out"#), "\(query.suffix(400))")

        let copy = daemon.directory.file("copy")
        #expect(try await quantrac(["backup", copy] + socket, daemon, output: "backup.log") == 3)
        let said = output(daemon, "backup.log")
        #expect(said.contains("DAMAGED in 1 place, everything else is whole") && said.contains("noise{"), "\(said)")
        let restored = daemon.directory.file("restored")
        #expect(try await quantrac(["restore", copy, "--to", restored], daemon, output: "restore.log") == 3)
        #expect(output(daemon, "restore.log").contains("DAMAGED in 1 place"), "\(output(daemon, "restore.log"))")
        #expect(try await daemon.stop() == 0)
        let again = try DaemonProcess(brokerPort: try freePort(), storeDirectory: restored)
        try await again.start(connected: false)
        #expect(try (again.export("noise").first?.samples.count ?? 0) > 30_000)
        #expect(try await again.stop() == 0)
    }
}
