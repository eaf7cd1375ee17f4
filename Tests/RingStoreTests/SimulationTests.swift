import StorageSimulator
import Testing

/// What `tools/simulate` runs by the thousand, with seeds of its own.
@Suite struct AcknowledgedReadingsSurviveFaultAfterFault {
    @Test(arguments: [1, 2, 3, 4])
    func whateverHappensInBetween(quarter: UInt64) {
        var tally = SimulationTally()
        for seed in (quarter * 1000)..<(quarter * 1000 + 25) {
            let report = StoreSimulation.run(seed: seed)
            tally += report.tally
            #expect(
                report.isPassed,
                "seed \(seed): \(report.complaints.first ?? ""); replay: tools/simulate --start \(seed) --seeds 1")
        }
        #expect(tally.powerCuts > 10 && tally.kills > 5 && tally.errors > 10)
        print("\(tally.powerCuts + tally.kills) crashes, \(tally.errors) processes with errors")
    }
}
