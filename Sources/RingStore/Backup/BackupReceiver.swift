/// Makes a store of a backup's bytes, in a directory that holds none.
///
/// The files have holes where the store has nothing: `StoreRestore` gives them their full size where they are to be written.
public struct BackupReceiver {
    private let directory: any StorageDirectory
    private var files: [String: any StorageFile] = [:]
    private var rest: [UInt8] = []
    private var records: UInt64 = 0
    public private(set) var isWhole = false

    /// - Throws: `BackupError.notEmpty` if there is a store already.
    public init(directory: any StorageDirectory) throws(BackupError) {
        self.directory = directory
        for name in StoreFiles.Name.ofBackup {
            let found = try BackupError.wrapping { () throws(FileError) in try directory.open(name) }
            guard found == nil else { throw .notEmpty(path: directory.path) }
        }
    }

    /// Takes the next bytes, wherever they are cut.
    public mutating func take(_ bytes: some Collection<UInt8>) throws(BackupError) {
        rest.append(contentsOf: bytes)
        var start = 0
        defer { rest.removeFirst(start) }
        while let (record, length) = try nextRecord(from: start) {
            start += length
            try write(record)
            records += 1
        }
    }

    private func nextRecord(from start: Int) throws(BackupError) -> (BackupRecord, Int)? {
        guard !isWhole else { return nil }
        let read: Result<(record: BackupRecord, length: Int)?, DamagedBytes> = rest.withUnsafeBytes { bytes in
            do throws(DamagedBytes) {
                return .success(try BackupRecord.read(UnsafeRawBufferPointer(rebasing: bytes[start...])))
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let found) = read else { throw .damaged }
        return found.map { ($0.record, $0.length) }
    }

    private mutating func write(_ record: BackupRecord) throws(BackupError) {
        switch record {
        case .bytes(let name, let offset, let bytes): try write(bytes, to: name, at: offset)
        // A byte at the end makes the file as long as it must be, and takes one block.
        case .length(let name, let length): if length > 0 { try writeEnd(of: name, length) }
        case .end(let count):
            guard count == records else { throw .brokenOff }
            isWhole = true
        }
    }

    private mutating func writeEnd(of name: String, _ length: UInt64) throws(BackupError) {
        let file = try file(name)
        let isLongEnough = try BackupError.wrapping { () throws(FileError) in try file.length() >= length }
        if !isLongEnough { try write([0], to: name, at: length - 1) }
    }

    private mutating func write(_ bytes: [UInt8], to name: String, at offset: UInt64) throws(BackupError) {
        let file = try file(name)
        var failure: FileError?
        bytes.withUnsafeBytes { bytes in
            do throws(FileError) { try file.write(bytes, at: offset) } catch { failure = error }
        }
        if let failure { throw .fileSystem(failure) }
    }

    private mutating func file(_ name: String) throws(BackupError) -> any StorageFile {
        if let known = files[name] { return known }
        // Names come from outside.
        guard StoreFiles.Name.ofBackup.contains(name) else { throw .damaged }
        let file = try BackupError.wrapping { () throws(FileError) in try directory.create(name) }
        files[name] = file
        return file
    }

    /// Makes everything durable.
    ///
    /// - Throws: `BackupError.brokenOff` if the end never came.
    public func finish() throws(BackupError) {
        guard isWhole else { throw .brokenOff }
        try BackupError.wrapping { () throws(FileError) in
            for file in files.values { try file.sync() }
            try directory.sync()
        }
    }
}

/// Why a backup could not be made or restored.
public enum BackupError: Error, Hashable, CustomStringConvertible {
    case notEmpty(path: String)
    /// The stream ended before its end.
    case brokenOff
    /// A piece does not pass its check.
    case damaged
    case inUse(path: String)
    case noRoom(path: String, needed: UInt64, free: UInt64)
    case fileSystem(FileError)

    public var description: String {
        switch self {
        case .notEmpty(let path): "\(path) is not empty: name a directory that is empty or not there yet"
        case .brokenOff: "the backup was broken off before its end: what has been written is no whole store; try again"
        case .damaged: "the backup's bytes were damaged on the way: try again"
        case .inUse(let path): "\(path) is in use by a running quantracd: stop it first"
        case .noRoom(let path, let needed, let free):
            "the disk of \(path) has \(free) bytes free, and the store needs \(needed)"
        case .fileSystem(let error): "\(error): check the disk and the directory's owner"
        }
    }

    static func wrapping<R>(_ body: () throws(FileError) -> R) throws(BackupError) -> R {
        do throws(FileError) {
            return try body()
        } catch {
            throw .fileSystem(error)
        }
    }
}
