import Glibc
import Synchronization

/// A directory of which nothing can be changed, as a store may open it: what recovery would mend in the files it mends in
/// memory. Then it is `close`d, and refuses every change as a disk that is mounted read-only does.
final class MemoryOverlay: StorageDirectory {
    private let base: any StorageDirectory
    private let files = Mutex<[OverlaidFile]>([])

    init(_ base: any StorageDirectory) {
        self.base = base
    }

    var path: String { base.path }

    func open(_ name: String) throws(FileError) -> (any StorageFile)? {
        guard let file = try base.open(name) else { return nil }
        return overlaid(file, name)
    }

    func create(_ name: String) throws(FileError) -> any StorageFile { overlaid(nil, name) }

    func sync() throws(FileError) {}
    func freeBytes() throws(FileError) -> UInt64 { .max }

    /// Nobody else can write, and whoever else reads does no harm.
    func lock() throws(FileError) -> any DirectoryLock { NoLock() }

    /// From now on nothing more is taken.
    func close() {
        files.withLock { for file in $0 { file.close() } }
    }

    private func overlaid(_ file: (any StorageFile)?, _ name: String) -> OverlaidFile {
        let file = OverlaidFile(file, path + "/" + name)
        files.withLock { $0.append(file) }
        return file
    }
}

/// A file with changed blocks in memory.
private final class OverlaidFile: StorageFile {
    private static let block = 4096

    private struct State {
        var length: UInt64
        var blocks: [UInt64: [UInt8]] = [:]
        var isClosed = false
    }

    private let base: (any StorageFile)?
    private let path: String
    private let state: Mutex<State>

    /// Over `base`; over nothing, if there is none.
    init(_ base: (any StorageFile)?, _ path: String) {
        self.base = base
        self.path = path
        state = Mutex(State(length: (try? base?.length()) ?? 0))
    }

    func close() { state.withLock { $0.isClosed = true } }

    func length() -> UInt64 { state.withLock { $0.length } }
    func allocatedBytes() throws(FileError) -> UInt64 { try base?.allocatedBytes() ?? 0 }

    func preallocate(_ length: UInt64) throws(FileError) {
        try refuseIfClosed("posix_fallocate")
        state.withLock { $0.length = max($0.length, length) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) {
        let (length, isPlain) = state.withLock { ($0.length, $0.blocks.isEmpty) }
        guard offset + UInt64(buffer.count) <= length else { throw failure("pread", 0) }
        let present = (try base?.length()) ?? 0
        if let base, isPlain, offset + UInt64(buffer.count) <= present {
            return try base.read(into: buffer, at: offset)
        }
        var done = 0
        while done < buffer.count {
            let place = offset + UInt64(done)
            let inBlock = Int(place % UInt64(OverlaidFile.block))
            let count = min(OverlaidFile.block - inBlock, buffer.count - done)
            let bytes = try block(place / UInt64(OverlaidFile.block), present)
            buffer[done..<(done + count)].copyBytes(from: bytes[inBlock..<(inBlock + count)])
            done += count
        }
    }

    /// A block as it is now, with zeros behind the end of the file beneath.
    private func block(_ number: UInt64, _ present: UInt64) throws(FileError) -> [UInt8] {
        if let changed = state.withLock({ $0.blocks[number] }) { return changed }
        let start = number * UInt64(OverlaidFile.block)
        guard let base, start < present else { return [UInt8](repeating: 0, count: OverlaidFile.block) }
        let bytes = try base.bytes(Int(min(UInt64(OverlaidFile.block), present - start)), at: start)
        return bytes + [UInt8](repeating: 0, count: OverlaidFile.block - bytes.count)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) {
        try refuseIfClosed("pwrite")
        let present = (try base?.length()) ?? 0
        var done = 0
        while done < bytes.count {
            let place = offset + UInt64(done)
            let number = place / UInt64(OverlaidFile.block)
            let inBlock = Int(place % UInt64(OverlaidFile.block))
            let count = min(OverlaidFile.block - inBlock, bytes.count - done)
            var changed = try block(number, present)
            changed.replaceSubrange(inBlock..<(inBlock + count), with: bytes[done..<(done + count)])
            let content = changed
            state.withLock { state in
                state.blocks[number] = content
                state.length = max(state.length, place + UInt64(count))
            }
            done += count
        }
    }

    func sync() throws(FileError) { try refuseIfClosed("fdatasync") }

    private func refuseIfClosed(_ operation: String) throws(FileError) {
        if state.withLock({ $0.isClosed }) { throw failure(operation, EROFS) }
    }

    private func failure(_ operation: String, _ code: Int32) -> FileError {
        FileError(operation: operation, path: path, code: code)
    }
}
