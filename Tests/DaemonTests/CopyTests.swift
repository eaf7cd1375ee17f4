import Foundation
import TestSupport
import Testing

@Suite("What is taken out can be put back", .serialized)
struct CopyTests {
    private func quantrac(_ arguments: [String], _ daemon: DaemonProcess, output: String) async throws -> Int32? {
        try await ChildProcess(
            "quantrac", arguments + ["--socket", daemon.socketPath], outputPath: daemon.directory.file(output)
        ).waitForExit(timeout: .seconds(60))
    }

    private func output(_ daemon: DaemonProcess, _ name: String) -> String {
        (try? String(contentsOfFile: daemon.directory.file(name), encoding: .utf8)) ?? ""
    }

    /// An export, imported into a fresh daemon, gives the same export: numbers that are none, labels of any script, units.
    @Test(arguments: ["jsonl", "csv"]) func exportThenImport(format: String) async throws {
        let broker = try await MosquittoBroker()
        let first = try DaemonProcess(brokerPort: broker.port)
        try await first.start()
        try await broker.publish(#"{"temperature":-18.4,"battery":97}"#, to: "zigbee2mqtt/tủ đông")
        let odd = try first.directory.write(
            #"{"metric":{"__name__":"odd","device":"phòng \"khách\", 🧊","household":"nhà","phase":"1,\\2"},"unit":"W","#
                + #""values":[null,"Infinity","-Infinity",-0,1e+21,"StaleNaN","NaN:7ff8000000000123",0.1,5e-324],"#
                + #""timestamps":[1700000000250,1700000001250,1700000002250,1700000003250,1700000004250,1700000005250,"#
                + "1700000006250,1700000007250,1700000008250]}\n", to: "odd.jsonl")
        #expect(
            try await quantrac(["import", odd], first, output: "import.log") == 0, "\(output(first, "import.log"))")
        let publisher = try ChildProcess(
            "publish-readings", ["--broker", "127.0.0.1:\(broker.port)", "--count", "3000", "--rate", "max"],
            outputPath: first.directory.file("publisher.log"))
        #expect(try await publisher.waitForExit() == 0)
        #expect(try await eventually { try first.status().messages >= 3001 })
        #expect(try await quantrac(["export", "--format", format], first, output: "export") == 0)
        let exported = output(first, "export")
        #expect(exported.contains("odd") && exported.contains("tủ đông"))
        #expect(try await first.stop() == 0)

        // A broker that is not there: an import needs none.
        let second = try DaemonProcess(brokerPort: try freePort())
        try await second.start(connected: false)
        let file = first.directory.file("export")
        #expect(try await quantrac(["import", file], second, output: "import") == 0, "\(output(second, "import"))")
        // Given again it stores nothing.
        #expect(try await quantrac(["import", file, "--format", "json"], second, output: "again") == 0)
        #expect(output(second, "again").contains(#""stored":0"#), "\(output(second, "again"))")
        // Durable when answered.
        try await second.killNow()
        try await second.start(connected: false)
        #expect(try await quantrac(["export", "--format", format], second, output: "export") == 0)
        #expect(output(second, "export") == exported)
        #expect(try await second.stop() == 0)
    }

    @Test func aBadLineIsNamedAndWhatCameBeforeIsReported() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try await daemon.start(connected: false)
        let good = #"{"metric":{"__name__":"x"},"values":[1,2],"timestamps":[1,2]}"#
        let file = try daemon.directory.write(good + "\n" + good + "\nnonsense\n", to: "bad.jsonl")
        #expect(try await quantrac(["import", file], daemon, output: "import") == 1)
        let said = output(daemon, "import")
        #expect(said.contains("line 3") && said.contains("2 readings were stored"), "\(said)")
        #expect(try daemon.export("x").first?.samples.map(\.0) == [1, 2])
        // Whoever names no household means the default one.
        #expect(try daemon.export("x").first?.labels["household"] == "home")
    }

    /// What a clock that is ahead has dated is a stored reading as any other; what an import could not take shows in the status.
    @Test func anExportHoldsWhatLiesAheadAndTheStatusWhatWasRefused() async throws {
        let daemon = try DaemonProcess(brokerPort: try freePort())
        try await daemon.start(connected: false)
        let ahead = 4_000_000_000_000
        let line = #"{"metric":{"__name__":"x","device":"d"},"values":[1,2],"timestamps":[1700000000000,\#(ahead)]}"#
        let file = try daemon.directory.write(line + "\n", to: "ahead.jsonl")
        #expect(try await quantrac(["import", file], daemon, output: "import") == 0, "\(output(daemon, "import"))")
        #expect(try await quantrac(["export"], daemon, output: "export") == 0)
        #expect(output(daemon, "export").contains("\(ahead)"))
        #expect(try await quantrac(["latest"], daemon, output: "latest") == 0)
        #expect(output(daemon, "latest").contains("d ahead"), "\(output(daemon, "latest"))")

        let many = (0..<40_000).map {
            #"{"metric":{"__name__":"m\#($0)","device":"a name of some length, so that the catalogue fills"},"#
                + #""values":[1],"timestamps":[1700000000000]}"#
        }
        let flood = try daemon.directory.write(many.joined(separator: "\n"), to: "flood.jsonl")
        _ = try await quantrac(["import", flood], daemon, output: "import")
        #expect(output(daemon, "import").contains("no_room_for_series"), "\(output(daemon, "import"))")
        #expect(try daemon.status().refused["no_room_for_series"] ?? 0 > 0)
        let backup = daemon.directory.file("copy")
        #expect(try await quantrac(["backup", backup, "--format", "json"], daemon, output: "backup") == 0)
        #expect(output(daemon, "backup").contains("\"readings\":"), "\(output(daemon, "backup"))")
        #expect(try await daemon.stop() == 0)
    }

    /// Backups under load: each holds all that was stored before it began, verifies, and opens.
    @Test func backupsUnderLoadThenRestore() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let ledger = try Ledger(daemon, brokerPort: broker.port, count: 12_000, rate: 3000)
        var before: [Int] = []
        for number in 0..<3 {
            try await Task.sleep(for: .milliseconds(600))
            before = try daemon.export("counter").flatMap { $0.samples.map { Int($0.1) } }
            let directory = daemon.directory.file("backup\(number)")
            #expect(
                try await quantrac(["backup", directory], daemon, output: "backup.log") == 0,
                "\(output(daemon, "backup.log"))")
        }
        #expect(try await quantrac(["backup", daemon.directory.file("backup0")], daemon, output: "backup.log") == 1)
        #expect(before.count > 100)
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.isPerfect, "\(verdict)")
        // Onto a store that runs: refused.
        let onto = try ChildProcess(
            "quantrac", ["restore", daemon.directory.file("backup2"), "--to", daemon.directory.file("store")],
            outputPath: daemon.directory.file("restore.log"))
        #expect(try await onto.waitForExit() == 1)
        #expect(try await daemon.stop() == 0)

        let restored = try DaemonProcess(brokerPort: try freePort())
        let restore = try ChildProcess(
            "quantrac", ["restore", daemon.directory.file("backup2"), "--to", restored.directory.file("store")],
            outputPath: daemon.directory.file("restore.log"))
        #expect(try await restore.waitForExit() == 0, "\(restore.output)")
        try await restored.start(connected: false)
        let stored = try restored.export("counter").flatMap { $0.samples.map { Int($0.1) } }
        #expect(Set(before).subtracting(stored).isEmpty)
        #expect(stored.count == Set(stored).count)
        #expect(try restored.status().diskUsed > 14 << 20, "the restored store has its room")
        #expect(try await restored.stop() == 0)
    }

    /// What devices say of themselves, refused messages and silences are the same in a restored store.
    @Test func aBackupHoldsWhatLiesBesideTheStore() async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        try await broker.publish(
            #"[{"ieee_address":"0x1","friendly_name":"kho lạnh","type":"EndDevice","definition":{"model":"SNZB-02","vendor":"SONOFF"}}]"#,
            to: "zigbee2mqtt/bridge/devices")
        try await broker.publish(#"{"temperature":-18.4}"#, to: "zigbee2mqtt/kho lạnh")
        try await broker.publish("{nonsense", to: "zigbee2mqtt/kho lạnh")
        #expect(try await eventually { try daemon.get("/api/v1/refused").body.contains("nonsense") })
        #expect(try await eventually { try daemon.get("/api/v1/devices").body.contains("SNZB-02") })
        #expect(
            try await quantrac(
                ["alerts", "silence", "FreezerWarm", "--for", "3d", "--by", "An"], daemon, output: "silence.log") == 0)
        let copy = daemon.directory.file("backup")
        #expect(
            try await quantrac(["backup", copy, "--format", "json"], daemon, output: "backup.log") == 0,
            "\(output(daemon, "backup.log"))")
        #expect(output(daemon, "backup.log").contains(#""beside":["registry.sqlite","alerts.sqlite"]"#))
        let asked = ["/api/v1/refused", "/api/v1/silences"]
        let before = try asked.map { try daemon.get($0).body }
        #expect(try await daemon.stop() == 0)

        let restored = try DaemonProcess(brokerPort: try freePort())
        let restore = try ChildProcess(
            "quantrac", ["restore", copy, "--to", restored.directory.file("store")],
            outputPath: daemon.directory.file("restore.log"))
        #expect(try await restore.waitForExit() == 0, "\(restore.output)")
        try await restored.start(connected: false)
        for (path, body) in zip(asked, before) { #expect(try restored.get(path).body == body, "\(path)") }
        #expect(try restored.get("/api/v1/devices").body.contains("SNZB-02"))
        #expect(before[1].contains("FreezerWarm"))
        #expect(try await restored.stop() == 0)
    }
}
