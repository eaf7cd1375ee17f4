import Glibc
import Readings

/// Cold stores with a thermometer each, one reading a minute, the stores one after the other within it.
///
/// They are at −19 °C and cycle with their compressors by three quarters of a degree. Every few days a door stands open or
/// something fails, so that it is too warm for a quarter of an hour up to two hours; every few weeks a sensor is silent for some.
struct ColdStores: ReadingSet {
    /// 2023-11-14, a multiple of a day.
    static let start: Int64 = 1_699_920_000_000

    let name = "cold stores"
    let stores: Int
    let days: Int
    let seed: UInt64

    var end: Int64 { ColdStores.start + Int64(days) * 86_400_000 }

    var series: [Labels] {
        (0..<stores).map { ["__name__": "temperature", "device": "kho lạnh \($0)", "household": "home"] }
    }

    /// One in so many minutes a warm time begins, and one in which nothing is heard.
    private static let minutesToWarmth = 4 * 1440
    private static let minutesToSilence = 20 * 1440

    private struct Store {
        var warmFor = 0
        var silentFor = 0
        var warmth = 0.0
    }

    func forEachRow(_ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void) throws {
        var random = SeededRandom(seed: seed)
        var all = Array(repeating: Store(), count: stores)
        let rows = (0..<stores).map { [$0] }
        for minute in 0..<(days * 1440) {
            for index in 0..<stores {
                if random.below(ColdStores.minutesToWarmth) == 0 { all[index].warmFor = 15 + random.below(105) }
                if random.below(ColdStores.minutesToSilence) == 0 { all[index].silentFor = 20 + random.below(200) }
                let goal = all[index].warmFor > 0 ? 8.0 : 0
                all[index].warmth += (goal - all[index].warmth) / 8
                all[index].warmFor -= 1
                all[index].silentFor -= 1
                let cycle = 0.75 * sin(Double(minute + index) / 30 * 2 * .pi)
                let value = ((-19 + cycle + all[index].warmth + random.normal() * 0.1) * 10).rounded() / 10
                guard all[index].silentFor <= 0 else { continue }
                let offset = Int64(index * 60_000 / stores) + Int64((random.normal() * 20).rounded())
                try body(ColdStores.start + Int64(minute) * 60_000 + max(0, offset), rows[index], [value])
            }
        }
    }
}
