/// What a seed came to.
package struct SimulationReport: Sendable {
    package var seed: UInt64
    package var tally = SimulationTally()
    /// What is wrong with the store; empty if nothing is.
    package var complaints: [String] = []

    package var isPassed: Bool { complaints.isEmpty }

    /// What else the same seed stands for.
    package static func += (report: inout SimulationReport, other: SimulationReport) {
        report.tally += other.tally
        report.complaints += other.complaints
    }
}
