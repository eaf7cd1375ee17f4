import QueryAPI

/// `quantrac status --format csv`: a row for each figure, named as in the JSON.
enum StatusCSV {
    static func lines(_ report: StatusReport) -> [String] {
        let (broker, store, intake, alerts) = (report.broker, report.store, report.intake, report.alerts)
        var rows: [[String]] = [
            ["version", report.version], ["healthy", "\(report.healthy)"],
            ["uptimeSeconds", NumberText.exact(report.uptimeSeconds)],
            ["broker.address", broker.address], ["broker.state", broker.state],
            ["broker.protocolVersion", broker.protocolVersion ?? ""], ["broker.since", broker.since],
            ["broker.lastError", broker.lastError ?? ""], ["broker.connects", "\(broker.connects)"],
            ["store.directory", store.directory], ["store.diskBudgetBytes", "\(store.diskBudgetBytes)"],
            ["store.diskUsedBytes", "\(store.diskUsedBytes)"],
            ["store.poolUsedFraction", NumberText.exact(store.poolUsedFraction)],
            ["store.memoryBudgetBytes", "\(store.memoryBudgetBytes)"], ["store.seriesCount", "\(store.seriesCount)"],
            ["store.sampleCount", "\(store.sampleCount)"], ["store.oldest", store.oldest ?? ""],
            ["store.newest", store.newest ?? ""], ["store.damagedCount", "\(store.damagedCount)"],
            ["store.writeError", store.writeError ?? ""], ["intake.messages", "\(intake.messages)"],
            ["intake.readings", "\(intake.readings)"], ["intake.duplicates", "\(intake.duplicates)"],
            ["intake.messagesPerSecond", NumberText.exact(intake.messagesPerSecond)],
            ["intake.readingsPerSecond", NumberText.exact(intake.readingsPerSecond)],
        ]
        for tier in store.plan ?? [] {
            rows.append(["store.plan.\(tier.name).bytes", "\(tier.bytes)"])
            rows.append(["store.plan.\(tier.name).days", tier.days.map(NumberText.exact) ?? ""])
            rows.append(["store.plan.\(tier.name).oldest", tier.oldest ?? ""])
        }
        if let sync = store.sync {
            rows += [
                ["store.sync.windowSeconds", NumberText.exact(sync.windowSeconds)],
                ["store.sync.isAutomatic", "\(sync.isAutomatic)"],
                ["store.sync.syncSeconds", sync.syncSeconds.map(NumberText.exact) ?? ""],
                ["store.sync.disk", sync.disk ?? ""],
            ]
        }
        rows += intake.refused.sorted { $0.key < $1.key }.map { ["intake.refused.\($0.key)", "\($0.value)"] }
        for offence in intake.overQuota ?? [] {
            let name = "intake.overQuota.\(offence.household).\(offence.reason)"
            rows.append([name, "\(offence.refused)"])
            rows += offence.devices.map { ["\(name).device.\($0.name)", "\($0.refused)"] }
            rows += offence.topics.map { ["\(name).topic.\($0.name)", "\($0.refused)"] }
        }
        rows += [
            ["alerts.rules", "\(alerts.rules)"], ["alerts.firing", "\(alerts.firing)"],
            ["alerts.pending", "\(alerts.pending)"],
        ]
        if let registry = report.registry {
            rows += [
                ["registry.diskShareBytes", "\(registry.diskShareBytes)"],
                ["registry.diskUsedBytes", "\(registry.diskUsedBytes)"],
                ["registry.refusedKept", "\(registry.refusedKept)"],
                ["registry.refusedNotKept", "\(registry.refusedNotKept)"],
                ["registry.problem", registry.problem ?? ""], ["registry.damage", registry.damage ?? ""],
            ]
        }
        rows += report.problems.map { ["problems.\($0.code)", $0.detail] }
        return CSV.lines(["name", "value"], rows)
    }
}
