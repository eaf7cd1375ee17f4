import PromQL
import Readings
import Synchronization

extension RuleEngine {
    /// Replaces the rules by those of `files`: all files there are now, each read or with its mistakes.
    ///
    /// Of a file with mistakes the rules that were loaded from it before stay; after a restart its last text that had none is read
    /// again, if it was kept. Groups that did not change go on with what is under way. Alerts of rules with the same name and labels live on; those of rules that are gone end, which the
    /// report's transitions tell. What rules of silence share is taken of the first file that brings it, so that a gateway is told once.
    ///
    /// - Parameter rows: what was saved before a restart, all of it; each alert goes on where it was. If that is nothing at all, of
    ///   alerts that the store's `ALERTS_FOR_STATE` has at least their begin is taken back; nil: not even that.
    public func load(
        _ files: [RuleFileResult], at now: Timestamp, restoring rows: [SavedRow]? = nil
    ) -> RuleLoadReport {
        var report = RuleLoadReport()
        state.withLock { state in
            let (complaints, texts) = state.persistence.read(rows ?? [])
            state.hasLostAlerts = state.generation == 0 && rows?.isEmpty ?? false
            report.warnings += complaints
            state.goodTexts.merge(texts) { $1 }
            var unreadable: Set<String> = []
            var old = Dictionary(grouping: state.groups, by: \.group.id.file)
            var runs: [GroupRun] = []
            var orphans: [(rule: RuleRun, group: RuleGroup)] = []
            var seen: Set<String> = []
            var bringsSilence = false
            func groups(of file: RuleFile) -> [RuleGroup] {
                guard let others = file.groupsBesideSilence else { return file.groups }
                defer { bringsSilence = true }
                return bringsSilence ? others : file.groups
            }
            for file in files where seen.insert(file.path).inserted {
                let known = old.removeValue(forKey: file.path) ?? []
                switch file.result {
                case .success(let read):
                    report.warnings += read.warnings
                    let taken = GroupRun.takingOver(known, for: groups(of: read))
                    runs += taken.runs
                    orphans += taken.orphans
                    if state.goodTexts[file.path]?.text != read.text {
                        state.goodTexts[file.path] = SavedRules(file: file.path, text: read.text, readAt: now)
                    }
                case .failure(let errors):
                    report.errors += errors.errors
                    let former = file.isAbsent ? nil : state.goodTexts[file.path]
                    if file.isAbsent { state.goodTexts[file.path] = nil }
                    let formerGroups = former?.rules.map(groups(of:))
                    let stays: [GroupRun]
                    if let formerGroups {
                        let taken = GroupRun.takingOver(known, for: formerGroups)
                        stays = taken.runs
                        orphans += taken.orphans
                    } else {
                        // Its text was too long to be kept.
                        stays = known
                    }
                    runs += stays
                    if !stays.isEmpty {
                        report.formerRules.append(.init(file: file.path, readAt: former?.time))
                    } else {
                        unreadable.insert(file.path)
                    }
                }
            }
            for path in old.keys.sorted() {
                for run in old[path] ?? [] { orphans += run.rules.map { ($0, run.group) } }
            }
            state.goodTexts = state.goodTexts.filter { seen.contains($0.key) }
            report.warnings += dropTooLong(&state.goodTexts)
            for (rule, group) in orphans {
                report.transitions += rule.alerts.ended(at: now, cause: .ruleRemoved)
                let series = rule.written.labels
                let interval = min(intervalMilliseconds(of: group), 86_400_000)
                if !series.isEmpty { state.farewells.append((now.advanced(byMilliseconds: 2 * interval), series)) }
            }
            let ended = state.persistence.restore(&runs, unreadable: unreadable, completing: completing)
            report.transitions += ended.map {
                AlertTransition($0, from: $0.state, to: .inactive, at: now, cause: .ruleRemoved)
            }
            report.filesWithoutRules = unreadable.sorted()
            let staying = Set(runs.map { ObjectIdentifier($0.edition) })
            for run in state.groups where !staying.contains(ObjectIdentifier(run.edition)) { run.edition.end() }
            state.groups = runs
            state.generation += 1
        }
        return report
    }

    /// The shortest texts are kept, as many as there is room for.
    private func dropTooLong(_ texts: inout [String: SavedRules]) -> [String] {
        var room = savedTextBytes
        var warnings: [String] = []
        for one in texts.values.sorted(by: { ($0.text.utf8.count, $0.file) < ($1.text.utf8.count, $1.file) }) {
            room -= one.text.utf8.count
            guard room < 0 else { continue }
            texts[one.file] = nil
            warnings.append(
                "\(one.file): the rule files are too long to be kept beside the alerts; should it have mistakes at a restart, none of its rules is evaluated"
            )
        }
        return warnings
    }
}
