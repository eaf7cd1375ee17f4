import Foundation

/// What is usual for a series in one hour, told from the hours before it.
///
/// Three values of each hour are looked at, its least, its mean and its greatest. Each has a centre and a distance from it
/// that one hour in a hundred exceeds: either the same for all hours, or with a centre for each hour of the day, whichever
/// leaves the smaller distance. Centres are medians and the distance is a quantile, so that a few odd hours in the history do
/// not move what is usual.
struct Baseline {
    /// What the hour's mean usually is.
    let value: Double
    /// From where to where readings usually are.
    let low: Double
    let high: Double
    private let highCentre: Double
    private let lowCentre: Double

    /// How many hours it takes at least.
    static let fewestHours = 24

    /// - Parameter hours: ascending. Nil where they are too few.
    init?(_ hours: ArraySlice<HourOfHistory>, hour: Int64) {
        guard hours.count >= Baseline.fewestHours else { return nil }
        let day = DayProfile(hours.lazy.map(\.number), hour: hour)
        let greatest = day.centre(of: hours.map(\.greatest))
        let least = day.centre(of: hours.map(\.least))
        value = day.centre(of: hours.map(\.mean)).value
        highCentre = greatest.value
        lowCentre = least.value
        high = highCentre + Baseline.widened(greatest)
        low = lowCentre - Baseline.widened(least)
    }

    /// A sensor that was constant, or nearly so, may move by a little before that is worth a word.
    private static func widened(_ centre: Centre) -> Double {
        centre.distance + P.fl * centre.value.magnitude
    }

    /// How far `value` lies outside of what is usual: 1 at the edges, below 1 between them.
    func score(_ value: Double) -> Double {
        let above = (value - highCentre) / (high - highCentre)
        let below = (lowCentre - value) / (lowCentre - low)
        let score = max(above, below)
        return score.isNaN ? 0 : max(0, score)
    }
}

enum P {
    static func env(_ n: String, _ d: Double) -> Double { ProcessInfo.processInfo.environment[n].flatMap { Double($0) } ?? d }
    static let fl = env("FL", 0.025)
    static let q = env("Q", 0.99)
    static let pen = env("PEN", 1)
    static let week = env("WEEK", 0)
}
struct Centre { var value: Double; var distance: Double }

struct DayProfile {
    var phases: [Int]
    var phase: Int
    var canDay: Bool
    init(_ numbers: some Sequence<Int64>, hour: Int64) {
        let all = Array(numbers)
        phases = all.map { HourOfHistory.ofDay($0) }
        phase = HourOfHistory.ofDay(hour)
        let p = phase
        let near = phases.count { let d = ($0 - p + 24) % 24; return d <= 1 || d >= 23 }
        canDay = (all.last ?? 0) - (all.first ?? 0) >= 48 && near >= 4
    }
    func centre(of values: [Double]) -> Centre {
        var v = values
        let flat = DayProfile.median(&v)
        var res = values.map { ($0 - flat).magnitude }
        let fd = DayProfile.quantile(&res, P.q)
        var best = Centre(value: flat, distance: fd)
        guard canDay else { return best }
        var buckets = Array(repeating: [Double](), count: 24)
        for (i, p) in phases.enumerated() {
            buckets[(p + 23) % 24].append(values[i]); buckets[p].append(values[i]); buckets[(p + 1) % 24].append(values[i])
        }
        var med = Array(repeating: flat, count: 24)
        for p in 0..<24 where !buckets[p].isEmpty { med[p] = DayProfile.median(&buckets[p]) }
        for i in values.indices { res[i] = (values[i] - med[phases[i]]).magnitude }
        let dd = DayProfile.quantile(&res, P.q)
        if dd * P.pen < fd { best = Centre(value: med[phase], distance: dd) }
        return best
    }
    static func median(_ v: inout [Double]) -> Double { v.sort(); let n = v.count; return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2 }
    static func quantile(_ v: inout [Double], _ q: Double) -> Double { v.sort(); return v[min(v.count - 1, Int(q * Double(v.count)))] }
}
