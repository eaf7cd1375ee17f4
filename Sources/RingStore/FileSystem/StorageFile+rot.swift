import Glibc

extension StorageFile {
    /// `count` bytes from `offset`, with zeros for each block of 4,096 bytes that the disk cannot read: what is copied keeps
    /// all that is there, and the zeros pass no check.
    ///
    /// - Throws: if none of it can be read, or anything else is wrong than some of the disk's blocks.
    func readableBytes(_ count: Int, at offset: UInt64) throws(FileError) -> [UInt8] {
        let failure: FileError
        do throws(FileError) {
            return try bytes(count, at: offset)
        } catch {
            guard error.code == EIO else { throw error }
            failure = error
        }
        var found: [UInt8] = []
        found.reserveCapacity(count)
        var isAnyReadable = false
        while found.count < count {
            let length = min(4096, count - found.count)
            if let block = try? bytes(length, at: offset + UInt64(found.count)) {
                found += block
                isAnyReadable = true
            } else {
                found += [UInt8](repeating: 0, count: length)
            }
        }
        guard isAnyReadable else { throw failure }
        return found
    }
}
