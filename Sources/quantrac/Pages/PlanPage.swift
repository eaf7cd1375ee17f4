import QueryAPI

/// `quantrac plan`.
struct PlanPage: Sendable {
    var tiers: [RetentionTierReport]
    var budgetBytes: UInt64
    var texts: Texts
    var clock: LocalClock

    var heading: String {
        texts(.budgetHolds(budget: NumberText.bytes(budgetBytes), plan: texts.plan(tiers)))
    }

    var table: Table {
        var table = Table(columns: [
            .init(title: texts(.tier)), .init(title: texts(.share), isNumber: true),
            .init(title: texts(.reachesBack), isNumber: true), .init(title: texts(.oldest)),
        ])
        for tier in tiers {
            let oldest = tier.oldest.flatMap { InstantText.parse($0, clock: clock) }
            let reach =
                tier.bytes == 0 ? texts(.notKept) : tier.days.map { texts.reach(days: $0) } ?? texts(.notYetKnown)
            table.rows.append([
                .init(texts(.tierName(tier.name))), .init(NumberText.bytes(tier.bytes)), .init(reach),
                .init(oldest.map { clock.dateAndTime($0) } ?? ""),
            ])
        }
        return table
    }

    var csv: [String] {
        CSV.lines(
            ["name", "bytes", "days", "oldest"],
            tiers.map { [$0.name, "\($0.bytes)", $0.days.map(NumberText.exact) ?? "", $0.oldest ?? ""] })
    }
}

extension Texts {
    /// `raw 45 days, 1 min 1.5 years, 1 h 20 years at today's rate`; tiers that are not kept are left out.
    func plan(_ tiers: [RetentionTierReport]) -> String {
        let kept = tiers.filter { $0.bytes > 0 }
        guard !kept.isEmpty, kept.allSatisfy({ $0.days != nil }) else { return self(.planNotYetKnown) }
        let parts = kept.map { self(.tierName($0.name)) + " " + reach(days: $0.days ?? 0) }
        return self(.atTodaysRate(parts.joined(separator: ", ")))
    }

    /// In the largest unit that makes at least one and a half of it, with a decimal where there are few.
    func reach(days: Double) -> String {
        guard days.isFinite, days >= 0 else { return "?" }
        func number(_ value: Double) -> String {
            value < 9.95 && (value * 10).rounded() != value.rounded() * 10
                ? NumberText.fixed(value, decimals: 1) : NumberText.fixed(value, decimals: 0)
        }
        switch days {
        case 500...: return self(.years(number(days / 365.25)))
        case 1.5...: return self(.manyDays(number(days)))
        case (1.5 / 24)...: return self(.manyHours(number(days * 24)))
        default: return self(.minutes(Int((days * 1440).rounded())))
        }
    }
}
