import Dispatch
import Logging
import RingStore
import ServiceLifecycle

/// Writes to the log what is found damaged in the store, and goes looking for it: a segment at a time, so that the disk hardly
/// notices, and damage that an earlier process knew of is soon known again.
final class DamageReporter: Service {
    /// More at once say no more than their number.
    private static let mostLines = 5
    private static let reportInterval = Duration.seconds(5)
    /// Between two segments of the first round, and of later ones.
    private static let firstPause = 1
    private static let pause = 12

    private let store: RingStore
    private let directory: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "scrub", qos: .background)

    init(store: RingStore, directory: String, logger: Logger) {
        self.store = store
        self.directory = directory
        self.logger = logger
    }

    func run() async throws {
        var reported: UInt64 = 0
        var checked: UInt64 = 0
        var isFirstRound = true
        var ticks = 0
        for await _ in AsyncTimer(every: DamageReporter.reportInterval).cancelOnGracefulShutdown() {
            report(after: &reported)
            ticks += 1
            guard ticks % (isFirstRound ? DamageReporter.firstPause : DamageReporter.pause) == 0 else { continue }
            if let next = await check(after: checked) {
                checked = next
            } else {
                checked = 0
                isFirstRound = false
            }
        }
    }

    private func report(after reported: inout UInt64) {
        let found = store.damage(after: reported)
        guard let last = found.last else { return }
        reported = last.number
        for damage in found.prefix(DamageReporter.mostLines) { logger.error("store damaged: \(damage.line)") }
        if found.count > DamageReporter.mostLines {
            logger.error(
                "store damaged in \(found.count - DamageReporter.mostLines) more places: 'quantrac store verify \(directory)' names them"
            )
        }
    }

    private func check(after sequence: UInt64) async -> UInt64? {
        await withCheckedContinuation { continuation in
            queue.async { [store] in continuation.resume(returning: store.checkSegment(after: sequence)) }
        }
    }
}

extension StoreDamage {
    /// Whose readings, and what is wrong with them.
    fileprivate var line: String {
        guard let first = series.first else { return what }
        let others = series.count > 1 ? " and \(series.count - 1) more series" : ""
        return "\(first)\(others): \(what)"
    }
}
