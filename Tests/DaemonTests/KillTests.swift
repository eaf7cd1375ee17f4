import Foundation
import TestSupport
import Testing

/// The promise of the whole: what the broker was told is safe, is safe. The daemon is killed with SIGKILL in the middle of a
/// QoS 1 stream, again and again, and afterwards the store must hold every published number once.
@Suite("An acknowledged reading survives kill -9, once", .serialized)
struct KillTests {
    /// With a time of its own a redelivered message is known by it; without one, by its fingerprint in the log.
    @Test(arguments: ["json", "plain"])
    func acknowledgedReadingsSurviveKill(style: String) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("kill test, \(style): seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let ledger = daemon.directory.file("ledger")
        let count = 24_000
        let publisher = try ChildProcess(
            "publish-readings",
            [
                "--broker", "127.0.0.1:\(broker.port)", "--ledger", ledger, "--ledger-style", style, "--count",
                "\(count)", "--rate", "1500", "--devices", "3",
            ], outputPath: daemon.directory.file("publisher.log"))
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(Int64.random(in: 50...600, using: &generator)))
            try await daemon.killNow()
            try await daemon.start(connected: false)
        }
        #expect(try await publisher.waitForExit(timeout: .seconds(120)) == 0, "\(publisher.output)")
        let lines = try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
        let published = lines.compactMap { Int($0) }
        #expect(lines.filter { Int($0) == nil } == [])
        #expect(published.count == count)
        #expect(
            try await eventually(timeout: .seconds(60)) {
                try daemon.export("counter").reduce(0) { $0 + $1.samples.count } >= count
            }, "seed \(seed)")
        let series = try daemon.export("counter")
        #expect(series.count == 3)
        let stored = series.flatMap { $0.samples.map { Int($0.1) } }
        // Counted, not compared: a failure must not print tens of thousands of numbers.
        let missing = Set(published).subtracting(stored).count
        let invented = Set(stored).subtracting(published).count
        let doubled = stored.count - Set(stored).count
        #expect(missing == 0, "seed \(seed)")
        #expect(doubled == 0, "seed \(seed)")
        #expect(invented == 0, "seed \(seed)")
        #expect(try await daemon.stop() == 0)
    }
}
