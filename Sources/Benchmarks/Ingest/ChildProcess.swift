import Foundation
import Synchronization

/// A program that a benchmark starts, with what the kernel knows of it.
final class ChildProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Those that run, so that an interrupted benchmark leaves none behind.
    private static let running = Mutex<Set<Int32>>([])

    private let process = Process()
    private let outputPath: String
    private let name: String

    /// Starts `path`; what it prints goes to the file `outputPath`.
    init(_ path: String, _ arguments: [String], outputPath: String) throws {
        name = URL(fileURLWithPath: path).lastPathComponent
        self.outputPath = outputPath
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "there is no program \(path); build it in release mode, as tools/bench does")
        }
        try Data().write(to: URL(fileURLWithPath: outputPath))
        // Ended by the kernel if this program should die.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = ["--pdeathsig", "KILL", "--", path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = process.standardOutput
        try process.run()
        ChildProcess.running.withLock { _ = $0.insert(process.processIdentifier) }
    }

    deinit {
        if process.isRunning { signal(SIGKILL) }
        forget()
    }

    /// Ends all that were started here, without asking them.
    static func killAll() {
        for identifier in running.withLock({ $0 }) { Glibc.kill(identifier, SIGKILL) }
    }

    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) {
        Glibc.kill(process.processIdentifier, number)
    }

    /// Asks it to end and waits until it has.
    func terminate() { end(SIGTERM) }

    /// Ends it without asking, as a crash would, and waits until it is gone.
    func kill() { end(SIGKILL) }

    private func end(_ number: Int32) {
        guard process.isRunning else { return }
        signal(number)
        process.waitUntilExit()
        forget()
    }

    private func forget() {
        ChildProcess.running.withLock { _ = $0.remove(process.processIdentifier) }
    }

    /// Waits until it has ended by itself, well.
    func waitForSuccess() throws {
        process.waitUntilExit()
        forget()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(name) ended with status \(process.terminationStatus): \(output.suffix(500))")
        }
    }

    /// Asks `condition` every so often until it gives something.
    func wait<T>(
        every seconds: Double = 0.005, atMost limit: Double = 60, for what: String, _ condition: () throws -> T?
    ) throws -> T {
        let deadline = monotonicNanoseconds() + UInt64(limit * 1e9)
        while monotonicNanoseconds() < deadline {
            if let value = try condition() { return value }
            guard process.isRunning else {
                // It may have ended because all was done.
                if let value = try condition() { return value }
                throw Failure(description: "\(name) ended before \(what): \(output.suffix(500))")
            }
            usleep(UInt32(seconds * 1e6))
        }
        throw Failure(description: "\(name): waited \(limit) s for \(what): \(output.suffix(500))")
    }

    /// Seconds of user and system time so far (proc(5), fields 14 and 15 of stat).
    var cpuSeconds: Double {
        guard let stat = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            let afterName = stat.lastIndex(of: ")")
        else { return 0 }
        let fields = stat[afterName...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Lets `peakResidentBytes` begin anew (proc(5), clear_refs).
    func forgetPeakResidentBytes() {
        try? "5".write(toFile: "/proc/\(process.processIdentifier)/clear_refs", atomically: false, encoding: .utf8)
    }

    /// The most memory it has held so far, in bytes.
    var peakResidentBytes: Double {
        let path = "/proc/\(process.processIdentifier)/status"
        guard let status = try? String(contentsOfFile: path, encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Double($0)
            })
        else { return 0 }
        return kibibytes * 1024
    }
}
