import Foundation
import Synchronization

/// A real process that a test started, its output in a file. It is killed when the last reference to it is gone.
public final class ChildProcess: Sendable {
    public struct NotFound: Error, CustomStringConvertible {
        let name: String
        public var description: String { "'\(name)' is not there; tools/test installs and builds what the tests need" }
    }

    public struct NotStarted: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        public var description: String { "cannot start \(path): \(String(cString: strerror(code)))" }
    }

    public let pid: Int32
    public let outputPath: String
    /// What `waitpid` said; nil while it runs.
    private let status = Mutex<Int32?>(nil)

    /// Starts `executable` (a path, or a name to look up in PATH). Its output is appended to `outputPath`.
    ///
    /// Tests run on threads that block signals, and a child inherits that: with Foundation's `Process` it would not hear
    /// SIGTERM. Hence `posix_spawn`, with an empty mask.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], outputPath: String
    ) throws {
        let path = try ChildProcess.locate(executable)
        // A crash must end the process at once; the backtracer would keep it alive for a while.
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw NotStarted(path: path, code: code) }
        self.pid = pid
        self.outputPath = outputPath
    }

    deinit {
        if isRunning {
            kill(pid, SIGKILL)
            var end: Int32 = 0
            waitpid(pid, &end, 0)
        }
    }

    public var isRunning: Bool {
        status.withLock { status in
            if status != nil { return false }
            var end: Int32 = 0
            guard waitpid(pid, &end, WNOHANG) == pid else { return true }
            status = end
            return false
        }
    }

    public var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    public func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end and returns the exit status, or minus the signal that ended it; nil if it takes too long.
    @discardableResult
    public func waitForExit(timeout: Duration = .seconds(30)) async throws -> Int32? {
        let ended = try await eventually(timeout: timeout) { !self.isRunning }
        return ended ? exitStatus : nil
    }

    /// The macros of <sys/wait.h>, which Swift cannot import: the low seven bits are the signal, the next byte the status.
    private var exitStatus: Int32? {
        status.withLock { $0.map { $0 & 0x7f == 0 ? ($0 >> 8) & 0xff : -($0 & 0x7f) } }
    }

    /// Blocks until it has ended; for where nothing can be awaited.
    public func waitNow() {
        while isRunning { usleep(2_000) }
    }

    public func terminate() async throws -> Int32? {
        signal(SIGTERM)
        return try await waitForExit()
    }

    /// Sends SIGTERM; gives the exit status and the time until the end as a thread of its own sees it: other tests may keep
    /// those threads busy on which tasks run.
    public func terminateTimed() async -> (status: Int32?, time: Duration) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                let start = ContinuousClock.now
                signal(SIGTERM)
                while isRunning, ContinuousClock.now - start < .seconds(30) { usleep(10_000) }
                continuation.resume(returning: (exitStatus, ContinuousClock.now - start))
            }
        }
    }

    public func killNow() async throws {
        signal(SIGKILL)
        try await waitForExit()
    }

    /// The path of `name`: a path itself, one of this package's programs, or found in PATH (or `/usr/sbin`).
    public static func locate(_ name: String) throws -> String {
        if name.contains("/") { return name }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = [productsDirectory] + path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/" + name) {
            return folder + "/" + name
        }
        throw NotFound(name: name)
    }

    /// Where the build put the programs: beside the test bundle that runs.
    private static var productsDirectory: String {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    }
}

/// Asks `condition` until it holds, at most for `timeout`. Returns whether it came to hold.
public func eventually(
    timeout: Duration = .seconds(20), every interval: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: interval)
    }
    return try await condition()
}
