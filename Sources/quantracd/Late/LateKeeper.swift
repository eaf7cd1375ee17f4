import Alerting
import Delivery
import Logging
import Readings
import RingStore

/// Keeps late readings over a restart, among the alerts' state. Until they are kept there the store remembers them. It belongs to
/// the rules' loop.
struct LateKeeper {
    private let late: LateReadings
    private let store: RingStore
    private let courier: Courier
    private let logger: Logger
    private var saved = ContinuousClock.now - LateKeeper.pause
    private var pruneDue = ContinuousClock.now
    private var hasComplained = false
    /// The store's number up to which all are kept.
    private var kept: UInt64 = 0

    /// What comes within it is one write, which holds all that is late of the series: a sensor that is always late would wear out a
    /// memory card.
    private static let pause = Duration.seconds(60)
    /// So many do not wait for that: a small store remembers some hundreds.
    private static let many: UInt64 = 200
    /// A backlog is not a write for each of its messages.
    private static let leastPause = Duration.seconds(1)
    private static let pruning = Duration.seconds(60)

    init(_ late: LateReadings, store: RingStore, courier: Courier, logger: Logger) {
        self.late = late
        self.store = store
        self.courier = courier
        self.logger = logger
    }

    /// Takes back what was saved, and what the store remembers. To be called before `LateReadings.follow`, and once. Blocking.
    ///
    /// - Returns: the keys of rows that are of no use any more: the store has no such series.
    func restore(_ rows: [SavedRow]) -> [String] { late.restore(rows, of: store.snapshot()) }

    /// Takes rows out of what is saved.
    func remove(_ keys: [String]) async {
        guard !keys.isEmpty else { return }
        await courier.keep(Dictionary(keys.map { ($0, String?.none) }, uniquingKeysWith: { $1 }))
    }

    /// Saves what has come, if it is time for that.
    mutating func keep(at now: Timestamp) async {
        if ContinuousClock.now >= pruneDue {
            pruneDue = .now + LateKeeper.pruning
            late.prune(at: now, kept: Timestamp(milliseconds: store.snapshot().wholeFrom))
            complain()
        }
        let pause = late.told - kept < LateKeeper.many ? LateKeeper.pause : LateKeeper.leastPause
        guard ContinuousClock.now - saved >= pause else { return }
        if await save() { saved = .now }
    }

    /// Saves what has come, whenever that was. What the disk does not take is tried again each time.
    ///
    /// - Returns: whether there was anything.
    @discardableResult mutating func save() async -> Bool {
        let (rows, through) = late.takeUnsavedRows()
        guard !rows.isEmpty || through > kept else { return false }
        if await courier.keep(rows) {
            kept = through
            store.lateNotesAreKept(through: through)
        }
        return true
    }

    private mutating func complain() {
        guard !hasComplained, late.forgotten > 0 else { return }
        hasComplained = true
        logger.warning(
            "so many readings came behind newer ones that the oldest of them are no longer told apart: rules count these (quantrac_late_readings_forgotten_total)"
        )
    }
}
