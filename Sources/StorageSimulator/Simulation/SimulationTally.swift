/// What simulations went through, counted.
package struct SimulationTally: Sendable {
    package var processes = 0
    package var batches = 0
    package var calls = 0
    package var powerCuts = 0
    package var kills = 0
    /// Processes with failing calls, or a disk that refused for a while.
    package var errors = 0
    /// Disks with flipped bits that were opened.
    package var flips = 0
    /// How often everything that the store holds was compared with what was acknowledged.
    package var judgements = 0

    package init() {}

    package static func += (sum: inout SimulationTally, other: SimulationTally) {
        sum.processes += other.processes
        sum.batches += other.batches
        sum.calls += other.calls
        sum.powerCuts += other.powerCuts
        sum.kills += other.kills
        sum.errors += other.errors
        sum.flips += other.flips
        sum.judgements += other.judgements
    }
}
