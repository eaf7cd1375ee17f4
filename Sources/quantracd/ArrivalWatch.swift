import Alerting
import Readings
import RingStore
import Synchronization

/// Knows which rules a reading bears upon, so that they are evaluated when it arrives and not only at the next tick.
///
/// The rules' thread says which series they watch; the ingest thread, which never waits for it, says which have new readings.
final class ArrivalWatch: Sendable {
    /// Which series are watched, by series number: 0, or the number of a set of rules. A copy that the ingest thread takes
    /// for a batch.
    struct Table {
        fileprivate var sets: [UInt32] = []
        fileprivate var generation = 0

        /// What is to be given to `arrived`, if the series is watched.
        @inline(__always)
        func set(of series: SeriesRef) -> UInt32? {
            let index = Int(series.index)
            return index < sets.count && sets[index] != 0 ? sets[index] : nil
        }
    }

    private struct State {
        var table = Table()
        /// The rules of each set, as places in the list that the rules' thread has; the first set is that of nobody.
        var rules: [[Int]] = [[]]
        var numbers: [[Int]: UInt32] = [[]: 0]
        /// The rules whose series had readings, with the newest one's time.
        var due: [Int: Timestamp] = [:]

        mutating func number(of set: [Int]) -> UInt32 {
            if let known = numbers[set] { return known }
            let number = UInt32(rules.count)
            rules.append(set)
            numbers[set] = number
            return number
        }
    }

    private let state = Mutex(State())
    private let wakeUp: @Sendable () -> Void

    /// - Parameter wakeUp: called, on the ingest thread, when rules become due.
    init(wakeUp: @escaping @Sendable () -> Void) { self.wakeUp = wakeUp }

    // MARK: The ingest thread's side

    var table: Table { state.withLock { $0.table } }

    /// Readings of series with these sets, of `table`, are stored; the newest of each at this time.
    func arrived(_ sets: [UInt32: Timestamp], of table: Table) {
        let isNews = state.withLock { state in
            guard state.table.generation == table.generation else { return false }
            let before = state.due.count
            for (set, time) in sets {
                for place in state.rules[Int(set)] { state.due[place] = max(state.due[place] ?? time, time) }
            }
            return state.due.count > before
        }
        if isNews { wakeUp() }
    }

    // MARK: The rules' side

    /// Watches nothing any more.
    func removeAll() {
        state.withLock { state in
            let generation = state.table.generation + 1
            state = State()
            state.table.generation = generation
        }
    }

    /// Lets the rule at `place` watch `series`, too.
    func add(_ series: [SeriesRef], to place: Int) {
        guard let most = series.map(\.index).max() else { return }
        state.withLock { state in
            let missing = Int(most) + 1 - state.table.sets.count
            if missing > 0 { state.table.sets += Array(repeating: 0, count: missing) }
            for one in series {
                let rules = state.rules[Int(state.table.sets[Int(one.index)])]
                guard !rules.contains(place) else { continue }
                state.table.sets[Int(one.index)] = state.number(of: rules + [place])
            }
        }
    }

    /// The rules whose series had readings since the last call, with the newest one's time.
    func takeDue() -> [Int: Timestamp] {
        state.withLock { state in
            defer { state.due = [:] }
            return state.due
        }
    }
}
