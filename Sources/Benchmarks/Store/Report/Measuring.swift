import Glibc

/// The middle one of `values`; 0 if there are none.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let upper = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2
}

/// How long `body` takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = monotonicNanoseconds()
    try body()
    return Double(monotonicNanoseconds() - start) / 1e9
}

/// The median of `count` times that `body` takes, in seconds.
func medianSeconds(of count: Int, _ body: (_ repetition: Int) throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for repetition in 0..<count { times.append(try seconds { try body(repetition) }) }
    return median(times)
}

/// Processor time of the calling thread, in nanoseconds.
func threadNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// What the compiler cannot see through: keeps a sum from being left out because nobody reads it.
@inline(never)
func keep(_ value: Double) {
    if value.bitPattern == 0x7ff8_dead_beef_0001 { print(value) }
}
