import Readings
import Synchronization

/// What was found damaged since the store was opened, each place once. Thread-safe.
final class DamageLog: Sendable {
    struct Found: Sendable {
        var damage: StoreDamage
        /// Where in the pool: what is gone with its segment need not be spoken of any more.
        var place: (segment: SegmentEntry, chunk: SegmentIndex.Entry?)?
    }

    struct Report: Sendable {
        var chunks: UInt64 = 0
        /// Everything else.
        var others: UInt64 = 0
        var last: String?
    }

    private struct State {
        var report = Report()
        var found: [Found] = []
        /// Places in the pool that were counted, so that a query that runs each minute does not count them each minute.
        var seen: Set<[UInt64]> = []
    }

    /// More than anybody reads; so much memory it may take.
    private static let most = 4096
    private let state = Mutex(State())

    var report: Report { state.withLock { $0.report } }
    var found: [Found] { state.withLock { $0.found } }
    var hasChunks: Bool { state.withLock { $0.report.chunks > 0 } }

    func chunk(_ chunk: SegmentIndex.Entry, of entry: SegmentEntry, _ what: @autoclosure () -> String) {
        let first = Timestamp(milliseconds: chunk.firstTime)
        let range = first...max(first, Timestamp(milliseconds: chunk.lastTime))
        note(.chunk, "pool", range: range, place: (entry, chunk), what())
    }

    /// - Parameters:
    ///   - isLoss: whether anything is lost by it.
    ///   - place: what makes it the same when it is found again.
    func note(
        _ kind: StoreDamage.Kind, count: Int = 1, _ file: String, isLoss: Bool = true,
        range: ClosedRange<Timestamp>? = nil, place: (segment: SegmentEntry, chunk: SegmentIndex.Entry?)? = nil,
        _ what: @autoclosure () -> String
    ) {
        guard count > 0 else { return }
        state.withLock { state in
            if let place {
                let offset = place.chunk.map { UInt64($0.offset) } ?? 0
                guard state.seen.count < DamageLog.most,
                    state.seen.insert([place.segment.sequence, offset, kind == .chunk ? 1 : 0]).inserted
                else { return }
            }
            if kind == .chunk { state.report.chunks += 1 } else { state.report.others += UInt64(count) }
            let what = what()
            state.report.last = what
            guard state.found.count < DamageLog.most else { return }
            state.found.append(
                Found(
                    damage: StoreDamage(
                        number: state.report.chunks + state.report.others, kind: kind, count: count, file: file,
                        what: what, isLoss: isLoss, range: range), place: place))
        }
    }
}
