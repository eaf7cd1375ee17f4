import Glibc
import RingStore
import Synchronization

/// A disk in memory that can do to a store what real disks do: lose what was not synced, keep any part of it, tear the
/// sector that was being written, fail at a chosen call, be full, rot.
///
/// The model: reads see what was written last. Each sector of 512 bytes that was written since the last successful sync
/// of its file is unsettled; a power cut keeps one of the contents that it had since, chosen by the seed for each sector
/// by itself, and may mix two of them in the sector that a call was just writing. After a failed sync the sectors are
/// marked clean, as Linux does: part of them reached the disk, and no later sync writes the others unless they are
/// written again.
///
/// Every call of a directory or file counts as one, and can be the one that fails or at which the power goes.
public final class SimulatedDisk: Sendable {
    private let state: Mutex<DiskState>

    /// An empty disk of `capacity` bytes.
    public init(seed: UInt64, capacity: UInt64 = 1 << 30) {
        state = Mutex(DiskState(seed: seed, capacity: capacity))
    }

    private init(image: DiskState) {
        state = Mutex(image)
    }

    /// From now on keeps, at every call, the disk as an interruption during that call would leave it.
    ///
    /// One run thus gives as many crashes as it makes calls.
    public func recordInterruptions() {
        state.withLock { $0.images = [] }
    }

    /// The disks kept since the last time, with the number of the call: switched on again after a power cut, or, if only
    /// the process was killed, with everything that was written still to be read, synced or not.
    public func takeInterruptions(killedOnly: Bool = false) -> [(call: Int, disk: SimulatedDisk)] {
        let images = state.withLock { state in
            defer { if state.images != nil { state.images = [] } }
            return state.images ?? []
        }
        return images.map { image in
            let disk = SimulatedDisk(image: image)
            if killedOnly { disk.killProcess() } else { disk.restart() }
            return (image.calls, disk)
        }
    }

    /// Ends the process that has the disk open; the machine goes on.
    public func killProcess() {
        state.withLock { $0.beginLife() }
    }

    /// The directory of the disk, for one life of a process: useless after the next power cut.
    public var directory: any StorageDirectory {
        SimulatedDirectory(disk: self, life: state.withLock { $0.life })
    }

    /// Calls since the disk was made.
    public var calls: Int { state.withLock { $0.calls } }

    /// Cuts the power at the call with this number: it and all later ones of this life fail.
    public func cutPower(atCall call: Int) {
        state.withLock { $0.powerCut = call }
    }

    /// Lets `count` calls from the one with this number on fail with `code`. A failing write may have written a part.
    public func fail(atCall call: Int, count: Int = 1, code: Int32 = EIO) {
        state.withLock { $0.failure = (call..<(call + count), code) }
    }

    /// Lets every write and sync fail with `code` until told otherwise.
    public func failWrites(_ code: Int32?) {
        state.withLock { $0.writesFail = code }
    }

    /// Whether the power has gone.
    public var isDown: Bool { state.withLock { $0.isDown } }

    /// Switches on again: what is left is what reached the disk. Also cuts the power, if it is still on.
    public func restart() {
        state.withLock { $0.restart() }
    }

    /// Names of the files.
    public var fileNames: [String] { state.withLock { $0.files.keys.sorted() } }

    /// What reads of the file would see.
    public func content(_ name: String) -> [UInt8] {
        state.withLock { $0.files[name]?.content ?? [] }
    }

    /// Another disk with the same content.
    public func fork() -> SimulatedDisk { SimulatedDisk(image: state.withLock { $0 }) }

    /// Changes bytes behind the store's back.
    public func corrupt(_ name: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { $0.files[name]?.corrupt(change) }
    }

    /// Removes a file behind the store's back.
    public func remove(_ name: String) {
        state.withLock { _ = $0.files.removeValue(forKey: name) }
    }

    /// The bytes of all files together, now.
    public var usedBytes: UInt64 { state.withLock { $0.used } }

    /// The most bytes that all files together have taken at any call.
    public var mostUsedBytes: UInt64 { state.withLock { $0.mostUsed } }

    func withState<R: Sendable>(_ body: (inout DiskState) -> R) -> R {
        state.withLock { body(&$0) }
    }

    /// Performs one call of a file or directory.
    func perform<R: Sendable>(
        _ operation: String, _ name: String, life: Int, writes: Bool,
        _ body: (inout DiskState, Interruption) throws(DiskFault) -> R
    ) throws(FileError) -> R {
        do throws(DiskFault) {
            return try state.withLock { state throws(DiskFault) -> R in
                try state.perform(life: life, writes: writes, body)
            }
        } catch {
            throw FileError(operation: operation, path: "simulated/" + name, code: error.code)
        }
    }
}

/// What happens to a call beside what it does.
enum Interruption {
    case none
    /// The call fails with this code.
    case failure(Int32)
    /// The power goes during the call.
    case powerCut

    func throwIfFailure() throws(DiskFault) {
        if case .failure(let code) = self { throw DiskFault(code: code) }
    }
}

struct DiskFault: Error {
    var code: Int32
}
