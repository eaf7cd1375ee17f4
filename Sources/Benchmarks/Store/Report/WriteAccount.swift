import RingStore

/// What appending to a store writes, by three accounts.
final class WriteAccount {
    /// Bytes.
    struct Written {
        /// The kernel's of this process; nil where it keeps none.
        var kernel: Double?
        /// The store's.
        var own: Double
        /// The device's, with its journal, and with what others write.
        var device: Double?
    }

    private let loaded: LoadedStore
    private let kernel = ProcessAccount.bytesWritten
    private let own: UInt64
    private let device: UInt64?

    init(_ loaded: LoadedStore) {
        self.loaded = loaded
        own = loaded.store.statistics.bytesWritten
        device = ProcessAccount.deviceBytesWritten(loaded.path)
        PageCache.drop(loaded.path + "/log")
    }

    /// Makes what was added durable, in a way that the kernel's account is right about.
    func append() throws {
        try loaded.append()
        PageCache.drop(loaded.path + "/log")
    }

    /// Since the account was opened.
    var written: Written {
        Written(
            kernel: difference(ProcessAccount.bytesWritten, kernel),
            own: Double(loaded.store.statistics.bytesWritten - own),
            device: difference(ProcessAccount.deviceBytesWritten(loaded.path), device))
    }

    private func difference(_ after: UInt64?, _ before: UInt64?) -> Double? {
        guard let after, let before else { return nil }
        return Double(after - before)
    }
}
