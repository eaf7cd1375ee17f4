/// What a log holds when a store is opened: all frames that are whole, and which of them count.
struct LogScan {
    struct Found {
        var header: Frame.Header
        /// Where in the file.
        var offset: UInt64
        /// Whether the payload passed its check.
        var isWhole: Bool
        /// Whether a bit of the header has flipped.
        var isMended = false
    }

    /// By sequence, each once.
    private(set) var frames: [Found] = []

    /// Looks at every block of `file`.
    ///
    /// A block of the file's that cannot be read is passed over like one that holds nothing.
    init(_ file: any StorageFile, capacity: UInt64, store: UInt64) {
        var bySequence: [UInt64: Found] = [:]
        var offset: UInt64 = 0
        var unreadable: FileError?
        while offset < capacity {
            var found: Frame.Header?
            var isMended = false
            do throws(FileError) {
                let start = try file.bytes(Frame.headerBytes, at: offset)
                found = start.withUnsafeBytes { Frame.header($0, store: store) }
                if found == nil {
                    found = start.withUnsafeBytes { Frame.mendedHeader($0, store: store) }
                    isMended = found != nil
                }
            } catch {
                unreadable = error
            }
            guard let header = found, header.bytes <= capacity - offset else {
                offset += UInt64(Frame.block)
                continue
            }
            let whole = LogScan.payload(file, header, at: offset) != nil
            if bySequence[header.sequence].map({ !$0.isWhole }) ?? true {
                bySequence[header.sequence] = Found(
                    header: header, offset: offset, isWhole: whole, isMended: isMended)
            }
            offset += whole ? header.bytes : UInt64(Frame.block)
        }
        readError = unreadable
        frames = bySequence.values.sorted { $0.header.sequence < $1.header.sequence }
    }

    /// The log as it was when the frame `sequence` was the newest.
    func upTo(_ sequence: UInt64) -> LogScan {
        var earlier = self
        earlier.frames.removeAll { $0.header.sequence > sequence }
        return earlier
    }

    /// Why some part could not be read.
    let readError: FileError?

    /// The payload of the frame at `offset`; nil if it does not pass its check.
    static func payload(_ file: any StorageFile, _ header: Frame.Header, at offset: UInt64) -> [UInt8]? {
        guard let bytes = rawPayload(file, header, at: offset),
            bytes.withUnsafeBytes({ CRC32C.of($0) }) == header.payloadCRC
        else { return nil }
        return bytes
    }

    /// The payload, unchecked; nil if it cannot be read.
    static func rawPayload(_ file: any StorageFile, _ header: Frame.Header, at offset: UInt64) -> [UInt8]? {
        try? file.bytes(header.payloadBytes, at: offset + UInt64(Frame.headerBytes))
    }

    /// What counts.
    struct Chain {
        /// From the first one that the checkpoint needs to the newest.
        var frames: [Found] = []
        /// The checkpoint to begin from; nil if there is none, or it is damaged.
        var checkpoint: CheckpointPayload?
        /// The sequence of that checkpoint; 0 if there was never one.
        var base: UInt64 = 0
        /// Frames that are known to have been durable and are not whole any more.
        var damaged: [Found] = []
        /// Frames that are known to have been durable and of which nothing is left.
        var missing = 0

        /// Whether the store was closed, or marked its checkpoint as durable, and wrote nothing since.
        var isSettled: Bool {
            guard checkpoint != nil, damaged.isEmpty, missing == 0, isInOrder, !frames.contains(where: \.isMended),
                let last = frames.last?.header
            else { return false }
            return last.kind == .mark && last.base == base && last.previous &- base <= 1
        }
    }

    /// The frames that hold, from the first one on that the newest checkpoint needs, and what is missing between them.
    ///
    /// Each frame names the one before it that holds. Walking back along these names leaves out what was given up after
    /// a failed write, and tells an unfinished write at the end (no later frame names it) from damage (one does).
    func chain(_ file: any StorageFile) -> Chain {
        var chain = Chain()
        // Parts behind the last other frame belong to a checkpoint that was never finished.
        guard let newest = frames.lastIndex(where: { $0.isWhole && !$0.header.kind.isPart }) else {
            return chain
        }
        chain.base =
            frames[newest].header.kind == .checkpoint ? frames[newest].header.sequence : frames[newest].header.base
        let oldest: UInt64
        if let checkpoint = checkpoint(chain.base, file) {
            chain.checkpoint = checkpoint
            oldest = checkpoint.first
        } else {
            // Both copies are lost: the frames behind them know it, too.
            oldest = frames[newest].header.first
        }
        var index = newest
        while true {
            chain.frames.append(frames[index])
            var wanted = frames[index].header.previous
            if isLoneCopy(index, chain), let checkpoint = chain.checkpoint {
                // The two copies of a checkpoint are synced together: a crash before that may have kept the second
                // alone, and then a restart began from it.
                wanted = checkpoint.previous
            }
            guard wanted >= max(oldest, 1), frames[index].header.sequence > oldest else { break }
            let before = frames[..<index].lastIndex { $0.header.sequence <= wanted }
            if let before, frames[before].header.sequence == wanted, frames[before].isWhole {
                index = before
                continue
            }
            if let before, frames[before].header.sequence == wanted {
                chain.damaged.append(frames[before])
            } else {
                chain.missing += 1
            }
            // Either copy of the checkpoint knows what comes before both.
            let end = chain.checkpoint.map { wanted == chain.base ? $0.previous + 1 : wanted } ?? wanted
            guard
                let whole = frames[..<index].lastIndex(where: {
                    $0.isWhole && $0.header.sequence < end && $0.header.sequence >= oldest
                })
            else { break }
            index = whole
        }
        chain.frames.reverse()
        return chain
    }

    /// Whether the frame is the second copy of the checkpoint in force, and nothing is left of the first one.
    private func isLoneCopy(_ index: Int, _ chain: Chain) -> Bool {
        let header = frames[index].header
        guard header.kind == .checkpoint, header.sequence == chain.base, chain.checkpoint?.previous != header.previous
        else { return false }
        return !frames[..<index].contains { $0.isWhole && $0.header.sequence == header.previous }
    }

    /// The checkpoint `sequence`, from either of its two copies.
    private func checkpoint(_ sequence: UInt64, _ file: any StorageFile) -> CheckpointPayload? {
        for found in frames
        where found.isWhole && found.header.kind == .checkpoint && found.header.sequence &- sequence <= 1 {
            guard let bytes = LogScan.payload(file, found.header, at: found.offset) else { continue }
            let payload = bytes.withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                return try? CheckpointPayload(&reader)
            }
            if let payload { return payload }
        }
        return nil
    }
}
