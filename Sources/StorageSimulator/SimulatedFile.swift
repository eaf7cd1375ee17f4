import Glibc
import RingStore

/// A file of a simulated disk, as one process sees it.
final class SimulatedFile: StorageFile {
    private let disk: SimulatedDisk
    private let name: String
    private let life: Int

    init(disk: SimulatedDisk, name: String, life: Int) {
        self.disk = disk
        self.name = name
        self.life = life
    }

    private func perform<R: Sendable>(
        _ operation: String, writes: Bool,
        _ body: (inout FileState, inout SplitMix64, Interruption) throws(DiskFault) -> R
    ) throws(FileError) -> R {
        try disk.perform(operation, name, life: life, writes: writes) { state, interruption throws(DiskFault) -> R in
            guard let index = state.files.index(forKey: name) else { throw DiskFault(code: EIO) }
            var random = state.random
            defer {
                state.random = random
                state.mostUsed = max(state.mostUsed, state.used)
            }
            // In place: copying the content at each call would make everything slow.
            return try body(&state.files.values[index], &random, interruption)
        }
    }

    func length() throws(FileError) -> UInt64 {
        try perform("fstat", writes: false) { file, _, interruption throws(DiskFault) -> UInt64 in
            try interruption.throwIfFailure()
            return UInt64(file.content.count)
        }
    }

    func allocatedBytes() throws(FileError) -> UInt64 { try length() }

    func preallocate(_ length: UInt64) throws(FileError) {
        try perform("posix_fallocate", writes: true) { file, _, interruption throws(DiskFault) in
            try interruption.throwIfFailure()
            file.grow(to: Int(length))
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) {
        try perform("pread", writes: false) { file, _, interruption throws(DiskFault) in
            try interruption.throwIfFailure()
            guard let start = Int(exactly: offset), start <= file.content.count,
                buffer.count <= file.content.count - start
            else { throw DiskFault(code: 0) }
            file.content.withUnsafeBytes { bytes in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + buffer.count)]))
            }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) {
        try perform("pwrite", writes: true) { file, random, interruption throws(DiskFault) in
            switch interruption {
            case .none: file.write(bytes, at: Int(offset), torn: false)
            case .powerCut: file.write(bytes, at: Int(offset), torn: true)
            case .failure(let code):
                let part = random.below(bytes.count + 1)
                file.write(UnsafeRawBufferPointer(rebasing: bytes[..<part]), at: Int(offset), torn: false)
                throw DiskFault(code: code)
            }
        }
    }

    func sync() throws(FileError) {
        try perform("fdatasync", writes: true) { file, random, interruption throws(DiskFault) in
            switch interruption {
            case .none: file.sync()
            // What had reached the disk by then, the cut itself chooses.
            case .powerCut: break
            case .failure(let code):
                file.syncFailing(&random)
                throw DiskFault(code: code)
            }
        }
    }
}
