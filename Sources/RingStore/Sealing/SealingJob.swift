import Synchronization

/// Work that takes too long for the thread that takes readings in.
///
/// It goes from one moment's state to a segment, in a slot that nothing refers to, and to what the tiers become. What
/// comes of it counts when the writer says so.
struct SealingJob: Sendable {
    enum Work: Sendable {
        /// Makes a segment of the head, from this group on around, and brings the tiers up to it.
        case head(from: GroupKey?)
        /// Makes a segment of a tier's head, or of as much of it as finds room.
        case tier(TierSealing)
        /// Brings the tiers up to the oldest segment of readings that they do not know: there are some after a restart.
        case derivation
    }

    enum Outcome: Sendable {
        case head(SealedHead)
        case tier(TierSealing)
        case derivation([Tier])
    }

    let work: Work
    let state: StoreState
    /// Where the log ended in that state, and the checkpoint that was in force.
    let logEnd: RingLog.Start
    let checkpoint: UInt64
    let pool: SegmentPool
    let geometry: StoreGeometry
    /// What a tier's head may take of the memory.
    let tierMemory: Int
    /// Of the segment; of no meaning where none is made.
    let slot: UInt32
    let sequence: UInt64

    func run(_ tools: SealingTools) throws(FileError) -> Outcome {
        switch work {
        case .head(let first): return .head(try sealHead(from: first, tools))
        case .tier(var sealing):
            let builder = SegmentBuilder(pool, slot: slot, sequence: sequence, content: sealing.tier.content)
            try sealing.fill(builder, geometry, tools)
            return .tier(sealing)
        case .derivation:
            var next = state
            _ = next.deriveNext(pool, tools.tier)
            return .derivation(next.tiers)
        }
    }

    private func sealHead(from first: GroupKey?, _ tools: SealingTools) throws(FileError) -> SealedHead {
        let builder = SegmentBuilder(pool, slot: slot, sequence: sequence, content: .raw)
        let sealing = HeadSealing(state, geometry, into: builder, tools)
        try sealing.run(from: first)
        let entry = try builder.finish()
        var next = state
        next.head = sealing.rest
        next.segments.append(entry)
        next.chooseTiers(slots: pool.slots, segmentRoom: geometry.segmentRoom, memory: tierMemory)
        while next.deriveNext(pool, tools.tier) {}
        return SealedHead(
            entry: entry, rest: sealing.rest, next: sealing.next, tiers: next.tiers, used: builder.used,
            bytesWritten: builder.bytesWritten)
    }
}

/// What became of a head.
struct SealedHead: Sendable {
    var entry: SegmentEntry
    /// What found no room.
    var rest: Head
    /// Where the next segment begins.
    var next: GroupKey?
    var tiers: [Tier]
    /// What chunks and index take.
    var used: Int
    var bytesWritten: UInt64
}

/// A job, and how it ended.
final class SealingTask: Sendable {
    let job: SealingJob
    private let ending = Mutex<Result<SealingJob.Outcome, FileError>?>(nil)

    init(_ job: SealingJob) { self.job = job }

    /// Nil as long as it runs.
    var result: Result<SealingJob.Outcome, FileError>? { ending.withLock { $0 } }

    func run(_ tools: SealingTools) {
        let result: Result<SealingJob.Outcome, FileError>
        do throws(FileError) {
            result = .success(try job.run(tools))
        } catch {
            result = .failure(error)
        }
        ending.withLock { $0 = result }
    }
}

/// Working memory of a writer's jobs, and what they learn from each other.
///
/// `@unchecked Sendable`: a writer's jobs alone use it, and a job is given to the worker after the one before was waited
/// for.
final class SealingTools: @unchecked Sendable {
    let dense = ChunkEncoder(effort: .dense)
    let fast = ChunkEncoder()
    let decoder = ChunkDecoder()
    private(set) lazy var tier = TierTools(encoder: fast, decoder: decoder)
    /// What was best for the last chunk of each group: tried first for its next one.
    var hints: [GroupKey: ChunkHints] = [:]

    private static let mostHints = 4096

    /// Of many groups each has few rows in a segment: there is little to gain, and much to keep.
    func boundHints() {
        if hints.count > SealingTools.mostHints { hints = [:] }
    }
}
