import Alerting
import Foundation
import PromQL
import Readings
import RingStore

/// How long `quantrac rules try` takes over thirty days.
struct TrialRows {
    let place: TemporaryPlace
    let printer: ResultPrinter
    let options: AlertsBenchmark.Options

    /// What the daemon gives a trial.
    private static let mostSeconds = 50.0
    private static let household = "home"

    func measure() throws {
        let days = options.quick ? 3 : 30
        let rules = try TriedRules.typical + TriedRules.files(in: options.rules)
        let wanted = rules.filter { one in options.only.isEmpty || options.only.contains { one.name.contains($0) } }
        for stores in options.series {
            try place.with("stores-\(stores)") { path in
                printer.printProgress("\(days) days of \(stores) series")
                let set = ColdStores(stores: stores, days: days, seed: options.seed)
                let loaded = try LoadedStore(path: path, options: .standard)
                try loaded.load(set)
                for one in wanted { try measure(one, set, loaded.store) }
            }
        }
    }

    private func measure(_ rules: TriedRules, _ set: ColdStores, _ store: RingStore) throws {
        printer.printProgress(rules.name)
        let file = try RuleFile.parse(rules.text, path: rules.name)
        let start = Timestamp(milliseconds: ColdStores.start)
        let deadline = ContinuousClock.now + .seconds(TrialRows.mostSeconds)
        let trial = RuleTrial(
            file, defaultIntervalMilliseconds: 15_000,
            options: QueryOptions(
                limits: QueryLimits(timeout: .seconds(10)), isCancelled: { ContinuousClock.now > deadline }),
            completing: { $0.household.isEmpty ? $0.setting(LabelName.household, to: TrialRows.household) : $0 })
        let source = SnapshotSource(snapshot: store.snapshot())
        ProcessAccount.forgetPeak()
        let before = ProcessAccount.residentBytes
        let begun = ContinuousClock.now
        let outcome = try trial.run(over: source, from: start, to: Timestamp(milliseconds: set.end)) {
            ContinuousClock.now > deadline
        }
        let took = (ContinuousClock.now - begun) / .seconds(1)
        let growth = Double(max(before, ProcessAccount.peakResidentBytes) - before) / Double(1 << 20)
        let reached = outcome.until.map { Double($0.milliseconds - ColdStores.start) / 86_400_000 }
        let failures = outcome.failures.isEmpty ? "" : "; failures: \(outcome.failures)"
        printer.print(
            BenchmarkRow(
                "\(rules.name), \(set.stores) series", took, "s", goal: .atMost(TrialRows.mostSeconds),
                note: (reached.map { "only to the day \(String(format: "%.1f", $0)); " } ?? "")
                    + "\(outcome.evaluations) evaluations, \(outcome.transitions.count) changes, "
                    + "\(Int(growth)) MiB more at the most\(failures)"))
    }
}
