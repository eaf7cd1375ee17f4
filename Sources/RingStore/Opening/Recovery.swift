import Readings

/// Finds out what a store holds, from its files: catalogue, log, and the segments' headers.
struct Recovery {
    let files: StoreFiles
    let superblock: Superblock
    let options: StoreOptions
    let damage: DamageLog

    private struct Replay {
        var state = StoreState()
        var identities: IdentityWindow
        /// In the log, but not in the catalogue's file.
        var unfiledRecords: [CatalogueRecord] = []
    }

    func run(lock: any DirectoryLock) throws(FileError) -> sending StoreOpening.Opened {
        let geometry = superblock.geometry
        var replay = Replay(identities: IdentityWindow(capacity: geometry.identities(options.identityWindow)))
        let catalogueFile = CatalogueFile(
            file: files.catalogue, store: superblock.store, bytesPerCopy: geometry.catalogueBytes)
        try catalogueFile.load { replay.state.catalogue.apply($0) }
        damage.frame(count: catalogueFile.mendedPages, "a page of file catalogue; it was written anew from its copy")

        let scan = LogScan(files.log, capacity: geometry.logBytes, store: superblock.store)
        let chain = scan.chain(files.log)
        report(scan, chain)
        replayLog(chain, &replay)
        reportCatalogue(replay.state.catalogue, chain, catalogueFile)

        let pool = SegmentPool(
            file: files.pool, segmentBytes: geometry.segmentBytes, segmentCount: geometry.segmentCount,
            store: superblock.store, damage: damage,
            indexMemory: MemoryShares(budget: options.memoryBudget).segmentIndices)
        let found = SegmentRecovery(pool: pool, checkpoint: chain.checkpoint, damage: damage).run(&replay.state)
        replay.state.findTails(pool)

        return StoreOpening.Opened(
            options: options, geometry: geometry,
            shared: SharedStore(pool: pool, damage: damage, state: replay.state, lock: lock),
            files: files, log: log(after: scan, chain), catalogueFile: catalogueFile, state: replay.state,
            identities: replay.identities, unfiledRecords: replay.unfiledRecords, nextSegment: found.newest + 1,
            staleSlots: found.stale,
            isSettled: chain.isSettled)
    }

    // MARK: Log

    private func report(_ scan: LogScan, _ chain: LogScan.Chain) {
        if let error = scan.readError { damage.frame("file log: \(error)") }
        for found in chain.damaged {
            damage.frame(
                "frame \(found.header.sequence), file log, byte \(found.offset): its checksum is wrong; what it held is lost, "
                    + "unless a copy or the chunks inside are whole")
        }
        damage.frame(count: chain.missing, "file log: a frame is missing; what it held is lost")
        if chain.checkpoint == nil {
            damage.frame("file log: no checkpoint is readable; readings that only the log held may be lost")
        }
    }

    private func replayLog(_ chain: LogScan.Chain, _ replay: inout Replay) {
        var decoder = ReadingsDecoder()
        var chunkDecoder = ChunkDecoder()
        if let checkpoint = chain.checkpoint {
            for identity in checkpoint.identities { replay.identities.append(identity) }
        }
        // Head chunks before the checkpoint belong to it; those behind it to one that was never finished.
        for found in chain.damaged where found.header.kind == .headChunks && found.header.sequence < chain.base {
            if let bytes = LogScan.rawPayload(files.log, found.header, at: found.offset) {
                take(chunks: bytes, &replay, &chunkDecoder)
            }
        }
        for found in chain.frames {
            guard let bytes = LogScan.payload(files.log, found.header, at: found.offset) else { continue }
            switch found.header.kind {
            case .checkpoint, .mark: break
            case .headChunks: if found.header.sequence < chain.base { take(chunks: bytes, &replay, &chunkDecoder) }
            case .readings: if found.header.sequence > chain.base { take(readings: bytes, &replay, &decoder) }
            }
        }
    }

    private func take(chunks bytes: [UInt8], _ replay: inout Replay, _ decoder: inout ChunkDecoder) {
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while position + Chunk.leastBytes <= bytes.count {
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[position...])
                guard let header = try? Chunk.header(chunk) else {
                    position += 8
                    continue
                }
                position += header.length
                guard replay.state.catalogue.columns(of: header.key)?.count == header.columns else {
                    damage.frame("file log: a chunk of \(header.rows) rows of series that the catalogue does not know")
                    continue
                }
                replay.state.head.takeUp(chunk, header, decoder)
            }
        }
    }

    private func take(readings bytes: [UInt8], _ replay: inout Replay, _ decoder: inout ReadingsDecoder) {
        let encoder = ChunkEncoder()
        var buffer = ByteWriter()
        let openLimit = MemoryShares(budget: options.memoryBudget).openRows
        decoder.begin()
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            while true {
                let catalogue = replay.state.catalogue
                guard let item = try? decoder.next(&reader, columns: { catalogue.columns(of: $0) }) else { break }
                switch item {
                case .registration(let record):
                    if replay.state.catalogue.apply(record) { replay.unfiledRecords.append(record) }
                case .identity(let identity): replay.identities.append(identity)
                case .row(let key, let time):
                    let rows = replay.state.head.append(key, time: time, values: decoder.values)
                    if rows >= superblock.geometry.mostRows(columns: decoder.values.count) {
                        replay.state.head.close(key, encoder: encoder, buffer: &buffer)
                    }
                }
            }
            while replay.state.head.openBytes > openLimit {
                replay.state.head.closeLarger(encoder: encoder, buffer: &buffer)
            }
            if reader.remaining > 0 {
                damage.frame(
                    "file log: a frame's end does not fit the catalogue; its last \(reader.remaining) bytes are lost")
            }
        }
    }

    /// The log, ready to go on behind the last frame that holds.
    private func log(after scan: LogScan, _ chain: LogScan.Chain) -> RingLog {
        let capacity = superblock.geometry.logBytes
        var position = RingLog.Position()
        position.sequence = (scan.frames.last?.header.sequence ?? 0) + 1
        position.base = chain.base
        if let first = chain.frames.first, let last = chain.frames.last {
            position.previous = last.header.sequence
            position.tail = first.offset
            var laps: UInt64 = 0
            var before = first.offset
            for found in chain.frames {
                if found.offset < before { laps += 1 }
                before = found.offset
            }
            position.next = laps * capacity + last.offset + last.header.bytes
        }
        return RingLog(file: files.log, capacity: capacity, store: superblock.store, at: position)
    }

    // MARK: Catalogue

    private func reportCatalogue(_ catalogue: Catalogue, _ chain: LogScan.Chain, _ file: CatalogueFile) {
        let lost = catalogue.series.indices.count { catalogue.series[$0] == nil }
        damage.frame(
            count: max(file.lostPages, lost > 0 ? 1 : 0),
            "file catalogue: both copies of a page; the labels of \(lost) series are lost, and with them their readings"
        )
    }
}

extension Head {
    /// Adds a row, or a late sample, as its group says. Returns how many are open in the group.
    mutating func append(_ key: GroupKey, time: Int64, values: [Double]) -> Int {
        if key.kind == .late {
            guard let value = values.first else { return 0 }
            return appendLate(key.number, Sample(time: Timestamp(milliseconds: time), value: value))
        }
        return values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return 0 }
            return append(key, columns: values.count, time: time, values: base)
        }
    }

    /// Takes a chunk of a checkpoint back: as it is, or as the open rows that it was made of.
    mutating func takeUp(_ bytes: UnsafeRawBufferPointer, _ header: Chunk.Header, _ decoder: ChunkDecoder) {
        let chunk = UnsafeRawBufferPointer(rebasing: bytes[..<header.length])
        if header.flags.contains(.open), let rows = try? OpenRows(chunk, header, decoder) {
            for row in 0..<header.rows {
                let first = row * header.columns
                _ = append(
                    header.key, time: rows.times[row], values: Array(rows.values[first..<(first + header.columns)]))
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

extension StoreState {
    /// Finds the newest sample of every series, from the segments' indices and the head.
    mutating func findTails(_ pool: SegmentPool) {
        var candidates: [[SampleSource]] = Array(repeating: [], count: catalogue.series.count)
        func offer(_ key: GroupKey, _ first: Int64, _ last: Int64, _ rank: UInt64, _ place: SampleSource.Place) {
            for (column, series) in (catalogue.columns(of: key) ?? []).enumerated() where Int(series) < candidates.count
            {
                let source = SampleSource(firstTime: first, lastTime: last, column: column, rank: rank, place: place)
                // Of several that end at the same instant all are needed: a late one may correct the other.
                if let known = candidates[Int(series)].first, known.lastTime > last { continue }
                candidates[Int(series)].removeAll { $0.lastTime < last }
                candidates[Int(series)].append(source)
            }
        }
        for entry in segments {
            for (position, chunk) in (pool.index(of: entry)?.entries ?? []).enumerated() {
                let rank = chunk.key.kind == .late ? entry.sequence << 20 | UInt64(position) : 0
                offer(chunk.key, chunk.firstTime, chunk.lastTime, rank, .segment(entry, chunk))
            }
        }
        var decoder: ChunkDecoder?
        tails = PagedArray()
        for number in catalogue.series.indices {
            let inSegments = SeriesTail(sources: candidates[number], pool: pool, decoder: &decoder)
            let bounds = inSegments.through...Int64.max
            let inHead = sourcesInHead(of: UInt32(number), in: bounds)
            tails.append(
                inHead.isEmpty
                    ? inSegments : SeriesTail(sources: candidates[number] + inHead, pool: pool, decoder: &decoder))
        }
    }
}
