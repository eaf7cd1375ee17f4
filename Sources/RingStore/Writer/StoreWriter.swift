import Readings
import Synchronization

/// The writing half of a store. Not Sendable: it belongs to the one thread that takes readings in.
public final class StoreWriter {
    let shared: SharedStore
    let options: StoreOptions
    let shares: MemoryShares
    let geometry: StoreGeometry
    let path: String
    let log: RingLog
    let catalogueFile: CatalogueFile
    let files: StoreFiles

    /// What is durable, and what readers see after the next `publish()`; the catalogue may be ahead.
    var state: StoreState
    var numbers: [Labels: UInt32] = [:]
    var shapes = ShapeTable()
    var identities: IdentityWindow

    /// Registered, but not in a frame of the log yet.
    var pendingRecords: [CatalogueRecord] = []
    /// In the log, but not in the catalogue's file yet.
    var unfiledRecords: [CatalogueRecord] = []
    /// Encoded size of both.
    var unfiledBytes = 0

    var nextSegment: UInt64
    /// Slots with whole segments that never counted, because something failed before the checkpoint that would have said
    /// so. They are made unreadable before another segment is written.
    var staleSlots: [UInt32]
    /// The group with which the next segment begins: the one that found no room in the last one.
    var nextGroup: GroupKey?
    /// What a segment takes against what its rows took in the head, as the last ones came out.
    var sealingRatio = 0.8
    /// A checkpoint was written and its sync failed: it may count after a crash, until a later frame says otherwise.
    var checkpointIsUncertain = false
    var poolBytesWritten: UInt64 = 0
    var isClosed = false

    var portion = Portion()
    let chunkEncoder = ChunkEncoder()
    let denseEncoder = ChunkEncoder(effort: .dense)
    var chunkHints: [GroupKey: ChunkHints] = [:]
    var chunkDecoder: ChunkDecoder?
    var chunkBuffer = ByteWriter(capacity: 64 << 10)
    var controlFrame = ByteWriter(capacity: 64 << 10)
    private(set) lazy var tierTools = TierTools(encoder: chunkEncoder, decoder: ChunkDecoder())

    init(_ opened: StoreOpening.Opened) {
        shared = opened.shared
        options = opened.options
        shares = MemoryShares(budget: opened.options.memoryBudget)
        geometry = opened.geometry
        path = opened.files.path
        log = opened.log
        catalogueFile = opened.catalogueFile
        files = opened.files
        state = opened.state
        identities = opened.identities
        unfiledRecords = opened.unfiledRecords
        nextSegment = opened.nextSegment
        staleSlots = opened.staleSlots
        unfiledBytes = unfiledRecords.reduce(0) { $0 + size(of: $1) }
        for index in state.catalogue.series.indices {
            portion.through.append(index < state.tails.count ? state.tails[index].through : .min)
            if let entry = state.catalogue.series[index] { numbers[entry.descriptor.labels] = UInt32(index) }
        }
        for index in state.catalogue.shapes.indices {
            shapes.add(state.catalogue.shapes[index], as: UInt32(index))
        }
    }

    /// The newest message identities that are durable, the oldest first: recovered ones and those appended since.
    public var recentIdentities: [MessageIdentity] { identities.all }

    /// The number of the series with these labels; a new one becomes durable with the next append.
    ///
    /// Asking again for the same labels gives the same series. A unit that was not known yet is taken over.
    public func register(_ descriptor: SeriesDescriptor) -> Registration {
        if let number = numbers[descriptor.labels] {
            if let unit = descriptor.unit, let known = state.catalogue.descriptor(number), known.unit == nil {
                // Refused for want of room, the unit stays unknown: no reading is lost by that.
                _ = enter(.unit(number, unit))
            }
            return .series(SeriesRef(index: number))
        }
        let number = UInt32(state.catalogue.series.count)
        guard number < GroupKey.mostNumbers,
            state.catalogue.memoryBytes + Catalogue.memory(of: descriptor) <= shares.index
        else { return refuse(.memoryFull) }
        let record = CatalogueRecord.series(number, descriptor)
        guard size(of: record) <= min(CataloguePage.room, geometry.mostPayload / 2) else {
            return refuse(.labelsTooLong)
        }
        guard enter(record) else { return refuse(.catalogueFull) }
        numbers[descriptor.labels] = number
        portion.through.append(.min)
        return .series(SeriesRef(index: number))
    }

    private func refuse(_ reason: RegistrationRefusal) -> Registration {
        state.statistics.refusedRegistrations += 1
        return .refused(reason)
    }

    /// Puts a new record into the catalogue, to be written with the next frame. False if the catalogue has no room.
    func enter(_ record: CatalogueRecord) -> Bool {
        let bytes = size(of: record)
        guard catalogueFile.hasRoom(for: unfiledBytes + bytes) else { return false }
        guard state.catalogue.apply(record) else { return true }
        while state.tails.count < state.catalogue.series.count { state.tails.append(SeriesTail()) }
        pendingRecords.append(record)
        unfiledBytes += bytes
        return true
    }

    func size(of record: CatalogueRecord) -> Int {
        chunkBuffer.removeAll()
        record.append(to: &chunkBuffer)
        return chunkBuffer.count
    }

    /// Lets readers see what is durable.
    func publish() {
        updateStatistics()
        let state = self.state
        // What the readers' old value alone held is freed after the lock is given back.
        let old = shared.state.withLock { published in
            defer { published = state }
            return published
        }
        _ = consume old
    }

    /// Writes what a quick start needs, and gives the directory back. The writer cannot be used afterwards.
    ///
    /// - Throws: `StoreError.writeFailed` if that could not be written. Nothing is lost by that: the next start reads
    ///   the log.
    public func close() throws(StoreError) {
        guard !isClosed else { return }
        isClosed = true
        defer { shared.unlock() }
        do throws(LogFailure) {
            try checkpoint(state)
            try mark()
        } catch {
            throw storeError(error)
        }
        publish()
    }

    func storeError(_ failure: LogFailure) -> StoreError {
        switch failure {
        case .full: .logFull(path: path, reason: state.statistics.writeError ?? "no segment could be written")
        case .file(let error): .writeFailed(error)
        }
    }

    private func updateStatistics() {
        let head = state.head
        state.statistics.poolSegments = shared.pool.slots
        state.statistics.poolSegmentsUsed = state.segments.count + state.tiers.reduce(0) { $0 + $1.segments.count }
        state.statistics.logBytes = log.capacity
        state.statistics.logBytesUsed = log.used
        state.statistics.seriesCount = state.catalogue.series.count
        state.statistics.sampleCount = UInt64(head.samples) + segmentTotals.samples
        let first = min(head.firstTime, segmentTotals.firstTime)
        let last = max(head.lastTime, segmentTotals.lastTime)
        state.statistics.oldest = first <= last ? Timestamp(milliseconds: first) : nil
        state.statistics.newest = first <= last ? Timestamp(milliseconds: last) : nil
        state.statistics.memoryUsed = UInt64(
            state.catalogue.memoryBytes + head.memoryBytes + state.tierMemory + shared.pool.indexMemory
                + chunkBuffer.count + controlFrame.count)
        state.statistics.syncs = log.syncs
        state.statistics.lastSyncMicroseconds = log.lastSyncNanoseconds / 1000
        state.statistics.bytesWritten = log.bytesWritten + poolBytesWritten + catalogueFile.bytesWritten
    }

    /// Sums over the segments, made anew only when the segments change.
    lazy var segmentTotals = SegmentTotals(state.segments)
}

/// What the statistics need of all segments together.
struct SegmentTotals {
    var samples: UInt64 = 0
    var firstTime = Int64.max
    var lastTime = Int64.min

    init(_ segments: [SegmentEntry]) {
        for segment in segments {
            samples &+= segment.samples
            firstTime = min(firstTime, segment.firstTime)
            lastTime = max(lastTime, segment.lastTime)
        }
    }
}
