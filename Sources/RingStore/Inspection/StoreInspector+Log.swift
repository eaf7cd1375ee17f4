extension StoreInspector {
    /// The log as it was at one moment.
    struct SettledLog {
        var scan: LogScan
        var chain: LogScan.Chain
    }

    /// How often a log that is being written is read before it is given up.
    private static let mostAttempts = 20

    /// Reads the log until what was read is of one moment.
    ///
    /// The first look finds the newest frame. All frames up to it are there before the second look begins, so that what the
    /// second one does not find whole is damaged, unless a checkpoint has set it free meanwhile.
    func settledLog() throws(InspectionError) -> SettledLog {
        let capacity = superblock.geometry.logBytes
        var newest = LogScan(files.log, capacity: capacity, store: superblock.store)
        for _ in 0..<StoreInspector.mostAttempts {
            let end = newest.newestWhole
            let scan = newest
            newest = LogScan(files.log, capacity: capacity, store: superblock.store)
            let settled = newest.newestWhole == end ? scan : newest.upTo(end)
            let chain = settled.chain(files.log)
            let isIntact = chain.damaged.isEmpty && chain.missing == 0 && chain.checkpoint != nil
            // Nothing was set free while we read, or nothing is missing all the same.
            if isIntact || newest.chain(files.log).base == chain.base {
                return SettledLog(scan: settled, chain: chain)
            }
        }
        throw .changing(path: directory.path)
    }

    /// Whether the checkpoint in force now still counts on the segment.
    func isHeldNow(_ entry: SegmentEntry) throws(InspectionError) -> Bool {
        StoreInspector.counts(entry, try settledLog().chain.checkpoint)
    }

    /// Without a checkpoint every segment with a whole header counts, as in recovery.
    static func counts(_ entry: SegmentEntry, _ checkpoint: CheckpointPayload?) -> Bool {
        guard let checkpoint else { return true }
        guard let held = checkpoint[entry.content] else { return false }
        return entry.sequence >= held.oldest && entry.sequence <= checkpoint.newestSegment
    }

    mutating func lookAtLog(_ log: SettledLog) {
        let chain = log.chain
        inspection.log.bytes = superblock.geometry.logBytes
        inspection.log.checkpoint = chain.checkpoint == nil ? 0 : chain.base
        inspection.log.newest = chain.frames.last?.header.sequence ?? 0
        inspection.log.identities = chain.checkpoint?.identities.count ?? 0
        let first = chain.frames.first?.header.sequence ?? 0
        inspection.log.givenUp =
            log.scan.frames.count { $0.header.sequence >= first }
            - chain.frames.count - chain.damaged.count
        for kind in [Frame.Kind.readings, .headChunks, .amendments, .checkpoint, .mark] {
            let frames = chain.frames.filter { $0.header.kind == kind }
            let bytes = frames.reduce(0) { $0 + $1.header.bytes }
            inspection.log.bytesUsed += bytes
            inspection.log.frames.append(
                StoreInspection.Frames(kind: "\(kind)", count: frames.count, bytes: bytes))
        }
        if let error = log.scan.readError { note(StoreFiles.Name.log, 0, "cannot be read everywhere: \(error)") }
        for found in chain.frames where found.isMended {
            note(
                StoreFiles.Name.log, found.offset,
                "a bit in the header of frame \(found.header.sequence) (\(found.header.kind)) has flipped; nothing is lost"
            )
        }
        if !chain.isInOrder {
            note(
                StoreFiles.Name.log, 0,
                "frames lie in the wrong places; the next start writes anew what was found of them")
        }
        for found in chain.damaged {
            note(
                StoreFiles.Name.log, found.offset,
                "frame \(found.header.sequence) (\(found.header.kind)) does not pass its check; what it held is lost, unless "
                    + "a copy or the chunks inside are whole")
        }
        if chain.missing > 0 { note(StoreFiles.Name.log, 0, "\(chain.missing) frames are missing, and what they held") }
        if chain.checkpoint == nil {
            note(StoreFiles.Name.log, 0, "no checkpoint is readable; readings that only the log held may be lost")
        }
        let decoder = ChunkDecoder()
        for found in chain.frames where found.header.kind == .headChunks && found.header.sequence < chain.base {
            lookAtHeadChunks(found, decoder)
        }
    }

    private mutating func lookAtHeadChunks(_ found: LogScan.Found, _ decoder: ChunkDecoder) {
        // Set free and written over since: no damage, and what it held is in a segment.
        guard let bytes = LogScan.payload(files.log, found.header, at: found.offset) else { return }
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let offset = found.offset + UInt64(Frame.headerBytes + position)
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[position...])
                let header: Chunk.Header
                do throws(DamagedBytes) {
                    header = try Chunk.header(chunk)
                } catch {
                    note(StoreFiles.Name.log, offset, "a chunk of the head: \(error.what)")
                    return
                }
                inspection.log.headChunks += 1
                inspection.log.headSamples += UInt64(header.rows * header.columns)
                if verifies, let fault = fault(in: chunk, header, decoder) {
                    note(StoreFiles.Name.log, offset, "a chunk of the head: \(fault)")
                }
                position += header.length
            }
        }
    }
}

extension LogScan {
    /// The sequence of the newest frame that is whole; 0 if there is none.
    fileprivate var newestWhole: UInt64 { frames.last { $0.isWhole }?.header.sequence ?? 0 }
}
