import Readings

/// Finds out what a store holds, from its files: catalogue, log, and the segments' headers.
struct Recovery {
    let files: StoreFiles
    let superblock: Superblock
    let options: StoreOptions
    let damage: DamageLog

    private struct Replay: ~Copyable {
        var state = StoreState()
        var identities: IdentityWindow
        /// In the log, but not in the catalogue's file.
        var unfiledRecords: [CatalogueChange] = []
        let encoder = ChunkEncoder()
        var buffer = ByteWriter()

        init(identities: IdentityWindow) {
            self.identities = identities
        }
    }

    func run(lock: any DirectoryLock) throws(FileError) -> sending StoreOpening.Opened {
        let geometry = superblock.geometry
        var replay = Replay(identities: IdentityWindow(capacity: geometry.identities(options.identityWindow)))
        let catalogueFile = CatalogueFile(
            file: files.catalogue, store: superblock.store, bytesPerCopy: geometry.catalogueBytes)
        try catalogueFile.load { replay.state.catalogue.apply($0) }
        damage.note(
            .cataloguePage, count: catalogueFile.mendedPages, StoreFiles.Name.catalogue, isLoss: false,
            "a page of file catalogue; it was written anew from its copy")

        let scan = LogScan(files.log, capacity: geometry.logBytes, store: superblock.store)
        let chain = scan.chain(files.log)
        report(scan, chain)
        replayLog(chain, &replay)

        let pool = SegmentPool(
            file: files.pool, segmentBytes: geometry.segmentBytes, segmentCount: geometry.segmentCount,
            store: superblock.store, damage: damage,
            memory: MemoryShares(budget: options.memoryBudget).reading)
        let found = SegmentRecovery(pool: pool, checkpoint: chain.checkpoint, damage: damage).run(&replay.state)
        keepNumbers(chain.checkpoint, pool, catalogueFile, &replay.state)
        var search = TailSearch(replay.state, pool: pool)
        replay.state.tails = search.run()
        replay.state.endBehindAmendments(TierTools(encoder: replay.encoder, decoder: ChunkDecoder()))
        replay.state.endUnknownSeries()

        return StoreOpening.Opened(
            options: options, geometry: geometry,
            shared: SharedStore(pool: pool, damage: damage, state: replay.state, lock: lock, superblock: superblock),
            files: files, log: log(after: scan, chain), catalogueFile: catalogueFile, state: replay.state,
            identities: replay.identities, unfiledRecords: replay.unfiledRecords, nextSegment: found.newest + 1,
            staleSlots: found.stale, isSettled: chain.isSettled)
    }

    // MARK: Log

    private func report(_ scan: LogScan, _ chain: LogScan.Chain) {
        if let error = scan.readError {
            damage.note(.logFrame, StoreFiles.Name.log, "file log cannot be read everywhere: \(error)")
        }
        if !chain.isInOrder {
            damage.note(
                .logFrame, StoreFiles.Name.log, isLoss: false,
                "frames in file log lie in the wrong places; what was found of them was kept, and written anew")
        }
        for found in chain.frames where found.isMended {
            damage.note(
                .logFrame, StoreFiles.Name.log, isLoss: false,
                "frame \(found.header.sequence), file log, byte \(found.offset): a bit of its header; nothing is lost")
        }
        for found in chain.damaged {
            damage.note(
                .logFrame, StoreFiles.Name.log,
                "frame \(found.header.sequence), file log, byte \(found.offset): its checksum is wrong; what it held is lost, "
                    + "unless a copy or the chunks inside are whole")
        }
        damage.note(
            .logFrame, count: chain.missing, StoreFiles.Name.log,
            "\(chain.missing) frames are missing in file log; what they held is lost")
        if chain.checkpoint == nil {
            damage.note(
                .logFrame, StoreFiles.Name.log,
                "no checkpoint in file log is readable; readings that only the log held may be lost")
        }
    }

    private func replayLog(_ chain: LogScan.Chain, _ replay: inout Replay) {
        var decoder = ReadingsDecoder()
        var chunkDecoder = ChunkDecoder()
        if let checkpoint = chain.checkpoint {
            for identity in checkpoint.identities { replay.identities.append(identity) }
            replay.state.late.add(Array(checkpoint.late), most: superblock.geometry.mostLateNotes)
        }
        // Head chunks before the checkpoint belong to it; those behind it to one that was never finished.
        let wholeParts = chain.frames.filter { $0.header.kind == .headChunks && $0.header.sequence < chain.base }
        let damagedParts = chain.damaged.filter { $0.header.kind == .headChunks && $0.header.sequence < chain.base }
        // What is whole in a damaged frame takes its place among the others: the chunks of a group come by time.
        let parts = damagedParts.map { ($0, isWhole: false) } + wholeParts.map { ($0, isWhole: true) }
        for (found, isWhole) in parts.sorted(by: { $0.0.header.sequence < $1.0.header.sequence }) {
            let bytes =
                isWhole
                ? LogScan.payload(files.log, found.header, at: found.offset)
                : LogScan.rawPayload(files.log, found.header, at: found.offset)
            let others =
                isWhole ? nil : WholeHeadChunks(wholeParts, besides: found, of: files.log, chunkDecoder)
            if let bytes { take(chunks: bytes, besides: others, &replay, &chunkDecoder) }
        }
        for found in chain.frames where found.header.kind == .amendments && found.header.sequence < chain.base {
            guard found.header.sequence >= chain.checkpoint?.amendments ?? .max,
                let bytes = LogScan.payload(files.log, found.header, at: found.offset)
            else { continue }
            take(amendments: bytes, &replay)
        }
        for found in chain.frames where found.header.kind == .readings {
            // The checkpoint tells the identities of what came before it, and what of that came late.
            let takesAll = chain.checkpoint == nil || found.header.sequence > chain.base
            if let bytes = LogScan.payload(files.log, found.header, at: found.offset) {
                take(readings: bytes, takesAll, &replay, &decoder)
            }
        }
    }

    /// - Parameter whole: what there is beside a damaged frame's chunks.
    private func take(
        chunks bytes: [UInt8], besides whole: WholeHeadChunks?, _ replay: inout Replay, _ decoder: inout ChunkDecoder
    ) {
        HeadChunks.forEach(in: bytes) { chunk, header in
            guard replay.state.catalogue.columnCount(of: header.key) == header.columns else {
                return damage.note(
                    .logFrame, StoreFiles.Name.log, range: header.range,
                    "a chunk in file log of \(header.rows) rows of series that the catalogue does not know")
            }
            if let whole, !whole.allow(chunk, header, decoder) {
                return damage.note(
                    .logFrame, StoreFiles.Name.log, isLoss: false, range: header.range,
                    "a chunk of an earlier checkpoint, in the wrong place of file log")
            }
            // Cannot be, unless damage looks whole: but nothing may rely on an order that is not there.
            if !header.key.isLate, let last = replay.state.head.lastTime(of: header.key), last >= header.firstTime {
                return damage.note(
                    .logFrame, StoreFiles.Name.log, range: header.range,
                    "a chunk in file log of \(header.rows) rows that are not later than those before them")
            }
            replay.state.head.takeUp(chunk, header, decoder)
        }
    }

    private func take(amendments bytes: [UInt8], _ replay: inout Replay) {
        let tools = TierTools(encoder: replay.encoder, decoder: ChunkDecoder())
        let fault = Amendments.read(bytes, tools.decoder) { content, number, amendment in
            replay.state.takeUp(amendment, of: number, content, tools)
        }
        guard let fault else { return }
        damage.note(
            .logFrame, StoreFiles.Name.log,
            "the end of a frame of amendments in file log: \(fault.what); what it held of minutes and hours is lost")
    }

    private func take(
        readings bytes: [UInt8], _ takesAll: Bool, _ replay: inout Replay, _ decoder: inout ReadingsDecoder
    ) {
        var late: [LateSample] = []
        defer { if !late.isEmpty { replay.state.late.add(late, most: superblock.geometry.mostLateNotes) } }
        let openLimit = MemoryShares(budget: options.memoryBudget).openRows
        decoder.begin()
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var isWhole = false
            while !isWhole {
                let item: LogItem?
                do throws(DamagedBytes) {
                    item = try decoder.next(&reader, columns: { replay.state.catalogue.columnCount(of: $0) })
                } catch {
                    break
                }
                switch item {
                case .record(let record):
                    if let change = replay.state.catalogue.apply(record) { replay.unfiledRecords.append(change) }
                case .identity(let identity): if takesAll { replay.identities.append(identity) }
                case .late(let sample): if takesAll { late.append(sample) }
                case .rows(let key, let rows, let columns): take(rows, of: key, columns, decoder, &replay)
                case nil: isWhole = true
                }
            }
            while replay.state.head.openBytes > openLimit {
                replay.state.head.closeLarger(encoder: replay.encoder, buffer: &replay.buffer)
            }
            if !isWhole {
                damage.note(
                    .logFrame, StoreFiles.Name.log,
                    "the end of a frame in file log does not fit the catalogue; its last \(reader.remaining) bytes are lost"
                )
            }
        }
    }

    private func take(
        _ rows: Int, of key: GroupKey, _ columns: Int, _ decoder: borrowing ReadingsDecoder, _ replay: inout Replay
    ) {
        let mostRows = superblock.geometry.mostRows(columns: columns)
        decoder.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress, values.count == rows * columns else { return }
            var row = 0
            while row < rows {
                let open = replay.state.head.append(key, columns: columns, upTo: mostRows) {
                    guard row < rows else { return nil }
                    defer { row += 1 }
                    return (decoder.times[row], base + row * columns)
                }
                if open >= mostRows { replay.state.head.close(key, encoder: replay.encoder, buffer: &replay.buffer) }
            }
        }
    }

    /// The log, ready to go on behind the last frame that holds.
    private func log(after scan: LogScan, _ chain: LogScan.Chain) -> RingLog {
        let capacity = superblock.geometry.logBytes
        let free = chain.free(in: capacity)
        var position = RingLog.Position()
        position.sequence = (scan.frames.last?.header.sequence ?? 0) + 1
        position.base = chain.base
        position.previous = chain.frames.last?.header.sequence ?? 0
        position.next = free.lowerBound
        position.start = RingLog.Start(
            sequence: chain.checkpoint?.first ?? chain.frames.first?.header.sequence ?? 0,
            position: free.upperBound - capacity)
        return RingLog(file: files.log, capacity: capacity, store: superblock.store, at: position)
    }

    // MARK: Catalogue

    /// Takes for given what numbers were ever given, known ones and those that damage has taken the names of, and reports these.
    private func keepNumbers(
        _ checkpoint: CheckpointPayload?, _ pool: SegmentPool, _ file: CatalogueFile, _ state: inout StoreState
    ) {
        state.catalogue.extend(
            series: Int(checkpoint?.seriesCount ?? 0), shapes: Int(checkpoint?.shapeCount ?? 0))
        let nameless = NamelessReadings(in: &state, numbersAreKnown: checkpoint != nil, pool: pool)
        damage.note(
            .cataloguePage, count: file.lostPages, StoreFiles.Name.catalogue,
            "both copies of a page of file catalogue; the labels in it are lost")
        guard nameless.chunks > 0 else { return }
        damage.note(
            .labels, count: state.catalogue.lostSeries, StoreFiles.Name.catalogue, range: nameless.range,
            "the labels of \(state.catalogue.lostSeries) series are lost in file catalogue; what the pool holds of them from "
                + "\(nameless.words) (\(nameless.chunks) chunks) has no name, until the ring writes over it")
    }
}

extension Head {
    /// Takes a chunk of a checkpoint back: as it is, or as the open rows that it was made of.
    mutating func takeUp(_ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ decoder: ChunkDecoder) {
        let chunk = UnsafeRawBufferPointer(rebasing: bytes[..<header.length])
        if header.flags.contains(.open), let rows = try? OpenRows(chunk, header, decoder) {
            rows.values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                for row in 0..<header.rows {
                    _ = append(
                        header.key, columns: header.columns, time: rows.times[row], values: base + row * header.columns)
                }
            }
            return
        }
        append(
            HeadChunk(
                bytes: [UInt8](chunk), key: header.key, rows: header.rows, columns: header.columns,
                firstTime: header.firstTime, lastTime: header.lastTime))
    }
}

/// A decoded chunk, row by row.
private struct OpenRows {
    var times: [Int64]
    var values: [Double]

    init(_ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ decoder: ChunkDecoder) throws(DamagedBytes) {
        times = Array(try decoder.times(bytes, header))
        values = Array(repeating: 0, count: header.rows * header.columns)
        for column in 0..<header.columns {
            let decoded = try decoder.values(bytes, header, column: column)
            for row in decoded.indices { values[row * header.columns + column] = decoded[row] }
        }
    }
}

extension Chunk.Header {
    fileprivate var range: ClosedRange<Timestamp>? {
        firstTime <= lastTime ? Timestamp(milliseconds: firstTime)...Timestamp(milliseconds: lastTime) : nil
    }
}
