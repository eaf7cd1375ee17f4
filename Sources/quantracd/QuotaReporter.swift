import Intake
import Logging
import Readings
import ServiceLifecycle

/// Writes to the log which households are over their quota: when it begins, and then seldom, however much is refused.
struct QuotaReporter: Service {
    let ledger: IntakeLedger
    let logger: Logger

    func run() async throws {
        var diary = QuotaDiary()
        for await _ in AsyncTimer(every: .seconds(1)).cancelOnGracefulShutdown() {
            for report in diary.due(ledger.quotaReports(), now: .now) { logger.warning("\(report.words.english)") }
        }
    }
}

/// What the log was told of households over their quota.
struct QuotaDiary {
    private struct Key: Hashable {
        var household: String
        var reason: QuotaReason
    }

    /// So seldom the same is said again.
    private static let repeatMilliseconds: Int64 = 600_000
    /// Lines in a minute, whatever happens.
    private static let mostLines = 10

    private var told: [Key: (last: Timestamp, at: Timestamp)] = [:]
    private var minute: Int64 = 0
    private var lines = 0

    /// The reports that are to be written now.
    mutating func due(_ reports: [QuotaReport], now: Timestamp) -> [QuotaReport] {
        if minute != now.milliseconds / 60_000 {
            minute = now.milliseconds / 60_000
            lines = 0
        }
        let keys = Set(reports.map { Key(household: $0.household, reason: $0.reason) })
        told = told.filter { keys.contains($0.key) }
        return reports.filter { report in
            let key = Key(household: report.household, reason: report.reason)
            if let before = told[key] {
                let isRecent = abs(now.milliseconds(since: before.at)) < QuotaDiary.repeatMilliseconds
                if isRecent || before.last == report.last { return false }
            }
            guard lines < QuotaDiary.mostLines else { return false }
            lines += 1
            told[key] = (report.last, now)
            return true
        }
    }
}
