import StorageSimulator
import Testing

/// What `tools/simulate` runs by the thousand, with seeds of its own.
@Suite struct AcknowledgedReadingsSurviveFaultAfterFault {
    /// An hour of which the tier knew a part only; a correction that lost against the value it corrected; a superblock's
    /// last copy, torn while the store was made, that was taken for damage; sums that found no end; chunks of a damaged frame
    /// that came before earlier ones; a head so long that it wrote over its own newest rows; late rows of an earlier checkpoint
    /// that stood in a block in the wrong place.
    @Test(arguments: [4, 26, 309, 436, 633, 204_439, 200_052, 209_800, 206_783, 204_072] as [UInt64])
    func whatOnceFailed(seed: UInt64) {
        let report = StoreSimulation.run(seed: seed)
        #expect(report.isPassed, "seed \(seed): \(report.complaints.first ?? "")")
    }

    @Test(arguments: [1, 2, 3, 4])
    func whateverHappensInBetween(quarter: UInt64) {
        var tally = SimulationTally()
        for seed in (quarter * 1000)..<(quarter * 1000 + 10) {
            let report = StoreSimulation.run(seed: seed)
            tally += report.tally
            #expect(
                report.isPassed,
                "seed \(seed): \(report.complaints.first ?? ""); replay: tools/simulate --start \(seed) --seeds 1")
        }
        #expect(tally.powerCuts > 5 && tally.kills > 1 && tally.errors > 3)
        print("\(tally.powerCuts + tally.kills) crashes, \(tally.errors) processes with errors")
    }

    /// Of a ring that turns, with its minutes and hours.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func whileTheRingTurns(seed: UInt64) {
        let report = FullRingSimulation.run(seed: seed)
        #expect(
            report.isPassed,
            "seed \(seed): \(report.complaints.first ?? ""); replay: tools/simulate --start \(seed) --seeds 1 --full-rings"
        )
        #expect(report.tally.judgements > 3 && report.tally.batches > 300)
    }
}
