import Foundation
import TestSupport
import Testing

@testable import quantracd

@Suite("The sync window follows the disk")
struct SyncWindowTests {
    private func window(syncs microseconds: [UInt64], disk: DiskKind? = .solid, fixed: Duration? = nil) -> SyncWindow {
        let window = SyncWindow(fixed: fixed, disk: disk)
        for (index, one) in microseconds.enumerated() { window.note(syncs: UInt64(index + 1), lastMicroseconds: one) }
        return window
    }

    @Test func aFastDiskWaitsFiveMilliseconds() {
        #expect(window(syncs: Array(repeating: 300, count: 40)).now == .milliseconds(5))
        // One that was held up changes nothing.
        #expect(window(syncs: Array(repeating: 300, count: 20) + [900_000]).now == .milliseconds(5))
        #expect(window(syncs: []).now == .milliseconds(5))
    }

    @Test func aSlowDiskGetsFiftyTimesItsSync() {
        #expect(window(syncs: Array(repeating: 10_000, count: 40)).now == .milliseconds(500))
        #expect(window(syncs: Array(repeating: 10_000_000, count: 40), disk: .rotational).now == .seconds(10))
        #expect(window(syncs: Array(repeating: .max, count: 40), disk: nil).now == .seconds(10))
        // And back when it has recovered.
        let recovered = window(syncs: Array(repeating: 10_000, count: 40) + Array(repeating: 100, count: 40))
        #expect(recovered.now == .milliseconds(5))
    }

    @Test func aCardIsSparedWhateverItSays() {
        #expect(window(syncs: Array(repeating: 100, count: 40), disk: .card).now == .seconds(10))
    }

    @Test func whatTheUserFixedStays() {
        let fixed = window(syncs: Array(repeating: 90_000, count: 40), disk: .card, fixed: .milliseconds(20))
        #expect(fixed.now == .milliseconds(20) && !fixed.isAutomatic)
        #expect(fixed.typicalMicroseconds == 90_000)
    }

    /// A partition of a card, a disk that rotates, and one that does not, as sysfs shows them.
    @Test func sysfsSaysWhatADiskIs() throws {
        let sys = try TemporaryDirectory()
        let files = FileManager.default
        for (name, rotational) in [("mmcblk0/mmcblk0p2", nil), ("sda/sda1", "1\n"), ("nvme0n1/nvme0n1p1", "0\n")] {
            let disk = sys.file("devices/" + (name as NSString).deletingLastPathComponent)
            try files.createDirectory(atPath: sys.file("devices/" + name), withIntermediateDirectories: true)
            try files.createDirectory(atPath: disk + "/queue", withIntermediateDirectories: true)
            try rotational?.write(toFile: disk + "/queue/rotational", atomically: false, encoding: .utf8)
        }
        try files.createDirectory(atPath: sys.file("dev/block"), withIntermediateDirectories: true)
        for (number, name) in [("179:2", "mmcblk0/mmcblk0p2"), ("8:1", "sda/sda1"), ("259:1", "nvme0n1/nvme0n1p1")] {
            try files.createSymbolicLink(
                atPath: sys.file("dev/block/" + number), withDestinationPath: sys.file("devices/" + name))
        }
        #expect(DiskKind(major: 179, minor: 2, sys: sys.path) == .card)
        #expect(DiskKind(major: 8, minor: 1, sys: sys.path) == .rotational)
        #expect(DiskKind(major: 259, minor: 1, sys: sys.path) == .solid)
        #expect(DiskKind(major: 7, minor: 0, sys: sys.path) == nil)
    }
}
