import Foundation

/// What the kernel writes down about this process.
enum ProcessAccount {
    /// Bytes that this process caused to be sent to a disk (proc(5), `write_bytes` of /proc/self/io). Nil where the kernel
    /// does not count them.
    ///
    /// What is counted are the folios of the page cache that become dirty, each with all of its bytes. Since Linux 6.16 ext4's
    /// may have megabytes, of which only the blocks that were written go to the disk: see `PageCache`.
    static var bytesWritten: UInt64? {
        number(in: "/proc/self/io", after: "write_bytes:")
    }

    /// Bytes of memory that are resident now.
    static var residentBytes: UInt64 {
        (number(in: "/proc/self/status", after: "VmRSS:") ?? 0) * 1024
    }

    /// The most that ever were.
    static var peakResidentBytes: UInt64 {
        (number(in: "/proc/self/status", after: "VmHWM:") ?? 0) * 1024
    }

    /// From now on the peak counts anew.
    static func forgetPeak() {
        // proc(5): 5 resets the high water mark.
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    }

    /// Bytes that the device under `path` has taken since it was there, whoever wrote them; nil if it is not known.
    static func deviceBytesWritten(_ path: String) -> UInt64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        // makedev(3)
        let major = status.st_dev >> 8 & 0xfff | status.st_dev >> 32 & ~0xfff
        let minor = status.st_dev & 0xff | status.st_dev >> 12 & ~0xff
        let file = "/sys/dev/block/\(major):\(minor)/stat"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 6 ? UInt64(fields[6]).map { $0 * 512 } : nil
    }

    private static func number(in file: String, after name: String) -> UInt64? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
        else { return nil }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { UInt64($0) }
    }
}
