import Glibc
import RingStore

/// The directory of a simulated disk, as one process sees it.
final class SimulatedDirectory: StorageDirectory {
    private let disk: SimulatedDisk
    private let life: Int

    init(disk: SimulatedDisk, life: Int) {
        self.disk = disk
        self.life = life
    }

    var path: String { "simulated" }

    func open(_ name: String) throws(FileError) -> (any StorageFile)? {
        let exists = try disk.perform("open", name, life: life, writes: false) {
            state, interruption throws(DiskFault) -> Bool in
            try interruption.throwIfFailure()
            return state.files[name] != nil
        }
        return exists ? SimulatedFile(disk: disk, name: name, life: life) : nil
    }

    func create(_ name: String) throws(FileError) -> any StorageFile {
        try disk.perform("create", name, life: life, writes: true) { state, interruption throws(DiskFault) in
            try interruption.throwIfFailure()
            if state.files[name] == nil { state.unsettledNames.insert(name) }
            state.files[name] = FileState()
        }
        return SimulatedFile(disk: disk, name: name, life: life)
    }

    func sync() throws(FileError) {
        try disk.perform("fsync", ".", life: life, writes: true) { state, interruption throws(DiskFault) in
            try interruption.throwIfFailure()
            if case .none = interruption { state.unsettledNames = [] }
        }
    }

    func freeBytes() throws(FileError) -> UInt64 {
        try disk.perform("statvfs", ".", life: life, writes: false) { state, interruption throws(DiskFault) -> UInt64 in
            try interruption.throwIfFailure()
            return state.capacity > state.used ? state.capacity - state.used : 0
        }
    }

    func lock() throws(FileError) -> any DirectoryLock {
        try disk.perform("flock", ".", life: life, writes: false) { state, interruption throws(DiskFault) in
            try interruption.throwIfFailure()
            if state.isLocked { throw DiskFault(code: EWOULDBLOCK) }
            state.isLocked = true
        }
        return SimulatedLock(disk: disk, life: life)
    }
}

/// The lock of a simulated directory.
final class SimulatedLock: DirectoryLock {
    private let disk: SimulatedDisk
    private let life: Int

    init(disk: SimulatedDisk, life: Int) {
        self.disk = disk
        self.life = life
    }

    deinit { release() }

    func release() { disk.unlock(life: life) }
}

extension SimulatedDisk {
    /// Gives the lock back, unless it was taken in an earlier life.
    func unlock(life: Int) {
        withState { state in
            if state.life == life { state.isLocked = false }
        }
    }
}
