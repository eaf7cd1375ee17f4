import Readings

/// What is saved of an engine's state, and what of that waits for its rules.
struct EnginePersistence: Sendable {
    /// By key, as it lies in the file.
    private var saved: [String: SavedItem] = [:]
    /// Of rules that have not been loaded yet: their file has mistakes.
    private var waiting: [SavedItem] = []

    /// Takes over what was saved before a restart; what can't be read is told, and is no loss of anything else.
    mutating func read(_ rows: [SavedRow]) -> (complaints: [String], texts: [String: SavedRules]) {
        var complaints: [String] = []
        var texts: [String: SavedRules] = [:]
        for row in rows {
            do {
                let item = try SavedItem(row)
                saved[row.key] = item
                if let rules = item.rules { texts[rules.file] = rules } else { waiting.append(item) }
            } catch {
                complaints.append("the saved state \(row.key) can't be read and is left out: \(error)")
            }
        }
        return (complaints, texts)
    }

    /// Hands what waits to `groups`. What is of an `unreadable` file goes on waiting.
    /// - Returns: the active alerts that have no rule any more.
    mutating func restore(
        _ groups: inout [GroupRun], unreadable: Set<String>, completing: (Labels) -> Labels
    ) -> [ActiveAlert] {
        guard !waiting.isEmpty else { return [] }
        var alerts = Dictionary(grouping: waiting.compactMap(\.alert), by: \.ruleKey)
        let times = Dictionary(waiting.compactMap(\.group).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for index in groups.indices {
            groups[index].restore(&alerts, times[groups[index].group.id], completing: completing)
        }
        let left = alerts.values.joined().sorted { $0.key < $1.key }
        let stillWaiting = waiting.compactMap(\.group).filter { unreadable.contains($0.file) }
        waiting = left.filter { unreadable.contains($0.file) }.map(SavedItem.init) + stillWaiting.map(SavedItem.init)
        return left.filter { !unreadable.contains($0.file) && $0.state != .inactive }.map(\.alert)
    }

    /// What of `groups`, and of the files' `texts`, is different from what is saved.
    func changes(in groups: [GroupRun], texts: some Sequence<SavedRules>, isLast: Bool) -> AlertStateChanges {
        var gone = saved
        var changes = AlertStateChanges()
        for item in waiting { gone[item.key] = nil }
        func compare(_ item: SavedItem) -> Bool {
            let key = item.key
            guard gone.removeValue(forKey: key) != item else { return false }
            if let row = item.row {
                changes.changed.append(row)
                changes.items[key] = item
            }
            return true
        }
        for run in groups {
            // Not lazily: each alert must be compared.
            let news = run.savedAlerts.map { compare(SavedItem($0)) }.contains(true)
            guard let times = run.saved else { continue }
            if news || isLast || times.isNews(beside: saved[times.key]?.group) {
                _ = compare(SavedItem(times))
            } else {
                gone[times.key] = nil
            }
        }
        for one in texts { _ = compare(SavedItem(one)) }
        changes.removed = gone.keys.sorted()
        return changes
    }

    mutating func markSaved(_ changes: AlertStateChanges) {
        saved.merge(changes.items) { $1 }
        for key in changes.removed { saved[key] = nil }
    }
}
