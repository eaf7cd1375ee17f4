import Glibc

/// A slow random wandering around zero (an Ornstein–Uhlenbeck process): what makes one room differ from the next, and
/// from itself an hour ago, without ever running away.
struct Drift {
    /// Standard deviation in the long run, in the unit of the value.
    let deviation: Double
    /// How long it remembers, in seconds.
    let memory: Double
    private(set) var value: Double
    private var elapsed = 0.0
    private var generator: SplitMix64

    init(deviation: Double, memory: Double, generator: SplitMix64) {
        self.deviation = deviation
        self.memory = memory
        self.generator = generator
        value = deviation * self.generator.gaussian()
    }

    /// The value at `elapsed` seconds; the exact transition, so that steps may be of any length.
    mutating func advance(to elapsed: Double) -> Double {
        let step = elapsed - self.elapsed
        guard step > 0 else { return value }
        self.elapsed = elapsed
        let kept = exp(-step / memory)
        value = value * kept + deviation * (1 - kept * kept).squareRoot() * generator.gaussian()
        return value
    }
}
