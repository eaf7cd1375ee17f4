import Foundation
import TestSupport
import Testing

@Suite("Sparkplug edge nodes are asked for their births over the broker", .serialized)
struct SparkplugOfTheDaemon {
    private func write(_ bytes: [UInt8], _ name: String, _ directory: TemporaryDirectory) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file(name)))
        return directory.file(name)
    }

    @Test(arguments: [true, false]) func onceForAllThatIsMissing(mayAsk: Bool) async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port, settings: "households: { patterns: [\"city/{household}/#\"] }")
        let files = daemon.directory
        let listener = try ChildProcess(
            "mosquitto_sub", ["-p", "\(broker.port)", "-t", "#", "-F", "%t q%q r%r %x"],
            outputPath: files.file("commands"))
        try await daemon.start(environment: mayAsk ? [:] : ["QUANTRAC_MQTT_SPARKPLUG_REBIRTH": "false"])
        let data = try write(SparkplugBytes.data, "data", files)
        for _ in 0..<3 { try await broker.publish(file: data, to: "city/h7/spBv1.0/factory/NDATA/press") }
        #expect(try await eventually { try daemon.status().refused == ["unknown_metric": 3] })
        try await Task.sleep(for: .milliseconds(300))
        let commands = listener.output.split(separator: "\n").filter { $0.contains("NCMD") }
        #expect(commands.count == (mayAsk ? 1 : 0), "\(commands)")
        if mayAsk {
            let command = commands.first ?? ""
            #expect(command.hasPrefix("city/h7/spBv1.0/factory/NCMD/press q0 r0 08"))
            let name = "Node Control/Rebirth".utf8.map { String(format: "%02x", $0) }.joined()
            #expect(command.contains("0a14\(name)18") && command.hasSuffix("200b7001"), "\(command)")
            #expect(daemon.log.contains("asked for a Sparkplug rebirth: city/h7/spBv1.0/factory/NCMD/press"))
        }
        // The birth comes, and what is told afterwards is understood.
        try await broker.publish(
            file: try write(SparkplugBytes.birth, "birth", files), to: "city/h7/spBv1.0/factory/NBIRTH/press")
        try await broker.publish(file: data, to: "city/h7/spBv1.0/factory/NDATA/press")
        #expect(try await eventually { try daemon.status().readings == 2 })
        _ = try await listener.terminate()
        #expect(try await daemon.stop() == 0)
    }
}
