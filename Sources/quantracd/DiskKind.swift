import Foundation

/// What kind of disk a directory is on, as far as the kernel tells.
enum DiskKind: String, Sendable {
    /// Flash behind a controller of its own, or a disk that says it does not rotate.
    case solid
    case rotational
    /// eMMC or a memory card.
    case card

    /// - Parameter sys: where sysfs is mounted; another place in tests.
    init?(ofDirectory path: String, sys: String = "/sys") {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        // glibc's major() and minor() are macros (gnu_dev_major, gnu_dev_minor).
        let device = UInt64(status.st_dev)
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        self.init(major: major, minor: minor, sys: sys)
    }

    init?(major: UInt64, minor: UInt64, sys: String) {
        guard let real = realpath("\(sys)/dev/block/\(major):\(minor)", nil) else { return nil }
        defer { free(real) }
        // …/block/mmcblk0/mmcblk0p2: the queue belongs to the whole disk, one level up from a partition.
        var directory = String(cString: real)
        if !FileManager.default.fileExists(atPath: directory + "/queue") {
            directory = (directory as NSString).deletingLastPathComponent
        }
        if (directory as NSString).lastPathComponent.hasPrefix("mmcblk") {
            self = .card
            return
        }
        guard let text = try? String(contentsOfFile: directory + "/queue/rotational", encoding: .utf8) else {
            return nil
        }
        self = text.hasPrefix("1") ? .rotational : .solid
    }
}
