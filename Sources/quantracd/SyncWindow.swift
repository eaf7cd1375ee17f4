import Synchronization

/// How long a batch may gather before it is synced: what the user fixed, or what suits the disk.
///
/// `auto` starts from what the kernel says of the disk and follows the median of the syncs that happen anyway. On a disk that
/// syncs within 2 ms a batch waits 5 ms, which nobody notices. A slower one gets fifty times what a sync takes, so that it is
/// busy with us for 2 % of the time at most. A memory card or eMMC gets 10 s whatever it says of itself: each sync costs it a
/// page of a few kilobytes, however little is in it, and that wears it out. A batch that is full never waits.
final class SyncWindow: Sendable {
    static let shortest = Duration.milliseconds(5)
    static let longest = Duration.seconds(10)
    private static let fast: UInt64 = 2000
    private static let times: UInt64 = 50

    private struct State {
        var recent: [UInt64] = []
        var next = 0
        var syncs: UInt64 = 0
        var window: Duration
    }

    private static let kept = 31
    /// Before so many syncs one that was held up by chance would count for too much.
    private static let fewest = 5

    let isAutomatic: Bool
    let disk: DiskKind?
    private let state: Mutex<State>

    /// - Parameter fixed: nil for `auto`.
    init(fixed: Duration?, disk: DiskKind?) {
        isAutomatic = fixed == nil
        self.disk = disk
        state = Mutex(State(window: fixed ?? (disk == .card ? SyncWindow.longest : SyncWindow.shortest)))
    }

    /// The window in force.
    var now: Duration { state.withLock { $0.window } }

    /// What a sync takes, the median of the newest; nil before the first.
    var typicalMicroseconds: UInt64? { state.withLock { $0.recent.isEmpty ? nil : SyncWindow.median($0.recent) } }

    /// Notes how long the last of `syncs` syncs took.
    func note(syncs: UInt64, lastMicroseconds: UInt64) {
        state.withLock { state in
            guard syncs != state.syncs else { return }
            state.syncs = syncs
            if state.recent.count < SyncWindow.kept {
                state.recent.append(lastMicroseconds)
            } else {
                state.recent[state.next] = lastMicroseconds
                state.next = (state.next + 1) % SyncWindow.kept
            }
            guard isAutomatic, disk != .card, state.recent.count >= SyncWindow.fewest else { return }
            let wanted = SyncWindow.window(forSync: SyncWindow.median(state.recent))
            // Small changes would only make the log of the disk's moods longer.
            let ratio = wanted / state.window
            if ratio > 1.25 || ratio < 0.8 { state.window = wanted }
        }
    }

    static func window(forSync microseconds: UInt64) -> Duration {
        guard microseconds > fast else { return shortest }
        return min(longest, .microseconds(Int64(clamping: min(microseconds, 10_000_000) * times)))
    }

    private static func median(_ values: [UInt64]) -> UInt64 {
        values.sorted()[values.count / 2]
    }
}
