import Readings
import Synchronization

/// The writing half of a store. Not Sendable: it belongs to the one thread that takes readings in.
public final class StoreWriter {
    let shared: SharedStore
    package let options: StoreOptions
    let shares: MemoryShares
    let geometry: StoreGeometry
    let path: String
    let log: RingLog
    let catalogueFile: CatalogueFile
    let files: StoreFiles

    /// What is durable, and what readers see after the next `publish()`; the catalogue may be ahead.
    var state: StoreState
    var shapes = ShapeTable()
    var identities: IdentityWindow

    /// Registered, but not in a frame of the log yet.
    var pendingRecords: [CatalogueChange] = []
    /// In the log, but not in the catalogue's file yet.
    var unfiledRecords: [CatalogueChange] = []

    var nextSegment: UInt64
    /// Slots with whole segments that never counted, because something failed before the checkpoint that would have said
    /// so. They are made unreadable before another segment is written.
    var staleSlots: [UInt32]
    /// The group with which the next segment begins: the one that found no room in the last one.
    var nextGroup: GroupKey?
    /// What a segment takes against what its rows took in the head, as the last ones came out.
    var sealingRatio = 0.8
    /// The same by tier, against what their heads are expected to take.
    var tierRatios = StoreState.newTiers.map { _ in 1.0 }
    /// Made when there is something to do.
    var worker: (any SealingWorker)?
    let sealingTools = SealingTools()
    var sealing = SealingProgress.idle
    /// Why the last job failed; nil once one succeeds again.
    var sealingFailure: FileError?
    /// Those that nobody has looked at since the last segment of readings: whether they are to be sealed.
    var tiersToLookAt = Array(StoreState.newTiers.indices)
    /// Of which some segments are made, and more are needed.
    var unfinishedTier: TierSealing?
    /// A checkpoint was written and its sync failed: it may count after a crash, until a later frame says otherwise.
    var checkpointIsUncertain = false
    var poolBytesWritten: UInt64 = 0
    var isClosed = false

    var portion = Portion()
    let chunkEncoder = ChunkEncoder()
    var chunkDecoder: ChunkDecoder?
    var lateRowLookup = LateRowLookup()
    var lateBudget = LateBudget()
    /// Who wants to know what comes late in the batch that is being appended, and where the message begins that is looked at.
    var lateWatch: LateWatch?
    var lateStart = Portion.Mark.start
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
        catalogueFile.planAnew(unfiledRecords, of: state.catalogue)
        for index in state.catalogue.series.indices {
            portion.through.append(index < state.tails.count ? state.tails[index].through : .min)
        }
    }

    deinit {
        // As long as a job may write, nobody else may have the directory.
        worker?.stop()
    }

    /// The newest message identities that are durable, the oldest first: recovered ones and those appended since.
    public var recentIdentities: [MessageIdentity] { identities.all }

    /// Late samples before this instant are refused.
    package var floor: Int64 { state.floor }

    /// The number of the series with these labels; a new one becomes durable with the next append.
    ///
    /// Asking again for the same labels gives the same series. A unit that was not known yet is taken over.
    public func register(_ descriptor: SeriesDescriptor) -> Registration {
        if let number = state.catalogue.find(descriptor.labels) {
            if let unit = descriptor.unit, state.catalogue.unitPair(of: number) == nil {
                // Refused for want of room, the unit stays unknown: no reading is lost by that.
                _ = enter(.unit(number, unit), bytes: CatalogueRecord.mostBytes(ofUnit: unit), memory: 1 << 16)
            }
            return .series(SeriesRef(index: number))
        }
        // Everything is asked before the first text is kept: what is refused leaves nothing behind.
        let bytes = CatalogueRecord.mostBytes(of: descriptor)
        guard bytes <= min(CataloguePage.room, geometry.mostPayload / 2) else { return refuse(.labelsTooLong) }
        let number = UInt32(state.catalogue.series.count)
        guard number < GroupKey.mostNumbers, let growth = state.catalogue.growthBytes(of: descriptor),
            hasIndexMemory(for: growth + portion.growthBytesOfSeries)
        else { return refuse(.memoryFull) }
        guard enter(.series(number, descriptor), bytes: bytes, memory: 0) else { return refuse(.catalogueFull) }
        portion.through.append(.min)
        return .series(SeriesRef(index: number))
    }

    /// Labels and unit of `series`, also of one that no frame has yet; nil if it was never registered.
    public func descriptor(of series: SeriesRef) -> SeriesDescriptor? { state.catalogue.descriptor(series.index) }

    /// What the index takes: labels, tables, tails, and the writer's own tables by series.
    private var indexMemory: Int {
        state.catalogue.memoryBytes + state.tails.memoryBytes + shapes.memoryBytes + portion.memoryBytesOfSeries
            + (pendingRecords.capacity + unfiledRecords.capacity) * MemoryLayout<CatalogueChange>.stride
    }

    func hasIndexMemory(for growth: Int) -> Bool {
        // Changes are kept in lists that double.
        let lists = pendingRecords.count == pendingRecords.capacity ? 16 * pendingRecords.capacity : 0
        return indexMemory + growth + lists <= shares.index
    }

    private func refuse(_ reason: RegistrationRefusal) -> Registration {
        state.statistics.refusedRegistrations += 1
        return .refused(reason)
    }

    /// Puts a new record of at most `bytes` into the catalogue, to be written with the next frame. False if the catalogue, or
    /// the index's share of the memory, has no room for it.
    func enter(_ record: CatalogueRecord, bytes: Int, memory: Int) -> Bool {
        guard catalogueFile.hasRoom(for: bytes), memory == 0 || hasIndexMemory(for: memory) else {
            return false
        }
        guard let change = state.catalogue.apply(record) else { return true }
        state.tails.extend(to: state.catalogue.series.count)
        pendingRecords.append(change)
        catalogueFile.plan(change, of: state.catalogue)
        return true
    }

    /// Writes what is in the log, but not in the catalogue's file yet, there.
    func fileRecords() throws(FileError) {
        try catalogueFile.append(unfiledRecords, of: state.catalogue)
        unfiledRecords = []
        catalogueFile.planAnew(pendingRecords, of: state.catalogue)
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
        endSealing()
        forgetKeptNotes()
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
            indexMemory + head.memoryBytes + state.tierMemory + state.late.memoryBytes + shared.pool.memoryBytes
                + chunkBuffer.capacity
                + controlFrame.capacity + portion.memoryBytes + lateRowLookup.memoryBytes)
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
