/// How long a counter usually pauses between two readings: a running guess at the median, in constant memory.
struct Cadence {
    /// Milliseconds; nil until there were two readings.
    private var usual: Double?

    /// Each reading moves the guess by this factor, so that it finds a new cadence within a few readings and a single pause
    /// does not change it.
    private static let pace = 1.3
    /// A pause so many times longer than usual is a gap.
    private static let patience = 10.0
    /// No shorter pause is one.
    private static let leastGap: Int64 = 600_000

    func isGap(_ pause: Int64) -> Bool {
        guard let usual else { return false }
        return pause >= Cadence.leastGap && Double(pause) > usual * Cadence.patience
    }

    mutating func learn(_ pause: Int64) {
        guard pause > 0 else { return }
        let pause = Double(pause)
        guard let old = usual else {
            usual = pause
            return
        }
        usual = pause > old ? min(old * Cadence.pace, pause) : max(old / Cadence.pace, pause)
    }
}
