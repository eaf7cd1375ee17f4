import Foundation
import Glibc
import ServiceLifecycle

/// Lets go, once, of the pages of programs and libraries that starting touched: most of that code never runs again, and on a
/// box with little memory the system would rather keep pages that somebody has mapped than the store's files.
///
/// What does run again is mapped anew at its next call, from the page cache as a rule: some hundred faults of a microsecond.
struct StartupCode: Service {
    /// By then broker, rules and registry have been read.
    private static let start = Duration.seconds(5)

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: StartupCode.start) }
        StartupCode.release()
        try? await gracefulShutdown()
    }

    /// Nothing is lost: these mappings are neither written to nor ever changed. Where the system does not tell what is mapped,
    /// all stays as it is.
    static func release() {
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for line in maps.split(separator: "\n") {
            guard let range = codeRange(line) else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), Int(range.count), MADV_DONTNEED)
        }
    }

    /// The addresses of a line of `/proc/PID/maps` (proc_pid_maps(5)) that is code of a file; nil if it is anything else.
    static func codeRange(_ line: Substring) -> Range<UInt>? {
        let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/") else {
            return nil
        }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }
}
