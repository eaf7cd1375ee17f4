import Foundation
import TestSupport
import Testing

/// Faults that the kernel makes, and no simulator: what strace injects into the daemon's own system calls, a file system that
/// is full, one that loses its power.
@Suite("A real disk that fails loses nothing that was acknowledged", .serialized)
struct RealDiskTests {
    /// `strace` changes the answers of a running daemon's calls for a while; then the disk is well again.
    @Test(
        .enabled(if: RealDiskTests.canTrace, "strace is not installed, or may not attach"),
        arguments: [("fdatasync", "EIO"), ("pwrite64", "ENOSPC"), ("pwrite64", "EROFS"), ("fdatasync", "ENOSPC")])
    func aDiskThatRefusesForAWhile(call: String, error: String) async throws {
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start()
        let pid = try #require(daemon.process).pid
        let ledger = try Ledger(daemon, brokerPort: broker.port, count: 4000, rate: 400)
        try await Task.sleep(for: .seconds(1))
        let tracer = try ChildProcess(
            "strace",
            ["-f", "-p", "\(pid)", "-e", "trace=\(call)", "-e", "inject=\(call):error=\(error)", "-o", "/dev/null"],
            outputPath: daemon.directory.file("strace.log"))
        // It says so, it goes on answering, and it does not end.
        #expect(
            try await eventually { try daemon.status().problems.contains("store_not_writable") },
            "\(tracer.output) \(daemon.log.suffix(1000))")
        // It is not the broker's fault.
        #expect(try !daemon.status().problems.contains("broker_unreachable"))
        #expect(try daemon.get("/api/v1/query?query=counter").status == 200)
        #expect(try daemon.get("/-/ready").status == 503)
        try await Task.sleep(for: .seconds(1))
        tracer.signal(SIGINT)
        _ = try await tracer.waitForExit()
        let healed = ContinuousClock.now
        #expect(try await eventually(timeout: .seconds(20)) { try daemon.status().healthy })
        print("\(call) \(error): healthy again after \(ContinuousClock.now - healed)")
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.isPerfect && verdict.published == 4000, "\(verdict)")
        #expect(daemon.process?.isRunning == true)
        #expect(try await daemon.stop() == 0)
    }

    /// The store has taken its room at the start: a disk that others fill does not stop it.
    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aDiskThatOthersFillStopsNothing() async throws {
        let disk = try LoopDisk(megabytes: 32)
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port, diskBudget: "8MiB", storeDirectory: disk.path + "/store")
        try await daemon.start()
        try disk.fill()
        let ledger = try Ledger(daemon, brokerPort: broker.port, count: 3000, rate: 1500)
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.isPerfect && verdict.published == 3000, "\(verdict)")
        #expect(try daemon.status().healthy)
        // Not even a restart needs room.
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try daemon.status().healthy)
        #expect(try daemon.export("counter").reduce(0) { $0 + $1.samples.count } == 3000)
        #expect(try await daemon.stop() == 0)
    }

    /// The power goes under load, again and again; the broker has what was not acknowledged.
    @Test(.enabled(if: LoopDisk.isAvailable, "no loop device can be mounted here"))
    func aFileSystemThatLosesItsPower() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("power cuts of ext4: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let disk = try LoopDisk(megabytes: 32)
        let broker = try await MosquittoBroker()
        let daemon = try DaemonProcess(
            brokerPort: broker.port, diskBudget: "8MiB", storeDirectory: disk.path + "/store")
        try await daemon.start()
        let ledger = try Ledger(daemon, brokerPort: broker.port, count: 8000, rate: 1000)
        for cut in 1...8 {
            try await Task.sleep(for: .milliseconds(Int64.random(in: 100...700, using: &generator)))
            try disk.cutPower()
            try await daemon.killNow()
            try disk.unmount()
            try disk.mount()
            let verified = try ChildProcess(
                "quantrac", ["store", "verify", disk.path + "/store"], outputPath: daemon.directory.file("verify.log"))
            #expect(try await verified.waitForExit() == 0, "seed \(seed), cut \(cut): \(verified.output)")
            try await daemon.start(connected: false)
        }
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.isPerfect && verdict.published == 8000, "seed \(seed): \(verdict)")
        #expect(try daemon.status().healthy)
        #expect(try await daemon.stop() == 0)
    }

    /// Whether strace is there and may attach to a process of ours.
    static let canTrace: Bool = {
        guard let strace = try? ChildProcess.locate("strace") else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: strace)
        process.arguments = ["-o", "/dev/null", "-e", "trace=none", "true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
