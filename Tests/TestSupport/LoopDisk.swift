import Foundation

/// A small ext4 file system of its own on a loop device, for what no directory of the machine's disk can be made to do.
///
/// Needs root and a kernel with loop devices: a test that uses it is skipped, by name, where `isAvailable` is false.
public final class LoopDisk: Sendable {
    public let path: String
    private let image: String
    private let directory: TemporaryDirectory

    public struct CannotMount: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether such a disk can be made here; tried once.
    public static let isAvailable: Bool = {
        do {
            _ = try LoopDisk(megabytes: 8)
            return true
        } catch {
            print("no loop disk here: \(error)")
            return false
        }
    }()

    public init(megabytes: Int) throws {
        directory = try TemporaryDirectory()
        image = directory.file("image")
        path = directory.file("mount")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard FileManager.default.createFile(atPath: image, contents: nil),
            truncate(image, off_t(megabytes) << 20) == 0
        else { throw CannotMount(description: "cannot make \(image)") }
        try LoopDisk.run("mkfs.ext4", ["-q", "-F", image])
        try mount()
    }

    deinit {
        // Lazily: a process that the test left behind may still have files open.
        _ = try? LoopDisk.run("umount", ["-l", path])
    }

    public func mount() throws {
        try LoopDisk.run("mount", ["-o", "loop", image, path])
    }

    /// Returns when nobody has the file system any more: a mount namespace that another test made meanwhile keeps it as it is, and
    /// whoever mounts it then gets the same again, without power.
    public func unmount() throws {
        try LoopDisk.run("umount", [path])
        for _ in 0..<3000 {
            guard try !LoopDisk.run("losetup", ["-j", image]).isEmpty else { return }
            usleep(10_000)
        }
        throw CannotMount(description: "\(image) is still in use after half a minute")
    }

    /// `ro` lets nothing be written from here on, `rw` does again.
    public func remount(_ mode: String) throws {
        try LoopDisk.run("mount", ["-o", "remount," + mode, path])
    }

    /// What a power cut leaves: nothing that was not synced reaches the disk from here on (ext4's own test of crashes,
    /// `EXT4_IOC_SHUTDOWN` without a flush of the journal). Unmount and mount to switch on again.
    public func cutPower() throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw CannotMount(description: "cannot open \(path)") }
        defer { close(descriptor) }
        var flags: UInt32 = 2
        // _IOR('X', 125, __u32)
        guard ioctl(descriptor, 0x8004_587D, &flags) == 0 else {
            throw CannotMount(description: "no EXT4_IOC_SHUTDOWN: \(String(cString: strerror(errno)))")
        }
    }

    /// Fills what is free, to the last byte.
    public func fill() throws {
        let file = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw CannotMount(description: "cannot make a file on \(path)") }
        defer { close(file) }
        for size in [1 << 20, 4096, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(file, bytes, size) == size {}
        }
    }

    /// - Returns: what it wrote to standard output.
    @discardableResult private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try ChildProcess.locate(program))
        process.arguments = arguments
        let (errors, output) = (Pipe(), Pipe())
        process.standardError = errors
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CannotMount(description: "\(program) \(arguments.joined(separator: " ")): \(said)")
        }
        return text
    }
}
