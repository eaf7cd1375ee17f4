import Foundation
import Readings

/// Straight lines and smoothed trends through the samples of a window.
enum RegressionFunctions {
    static let all: [Function] = [
        Function(
            "deriv", [.matrix],
            .window(
                WindowFunction(compute: { samples, _ in
                    samples.count < 2 ? nil : line(through: samples, origin: samples[0].time).slope
                }))),
        Function(
            "predict_linear", [.matrix, .scalar],
            .window(
                WindowFunction(compute: { samples, window in
                    guard samples.count >= 2 else { return nil }
                    let line = line(through: samples, origin: window.stepTime)
                    return line.slope * window.numbers.first + line.intercept
                }))),
        Function(
            "double_exponential_smoothing", [.matrix, .scalar, .scalar],
            .window(WindowFunction(compute: { samples, window throws(PromQLError) in try smoothed(samples, window) }))),
    ]

    /// The line of least squares; `intercept` is its value at `origin`.
    private static func line(
        through samples: Span<Sample>, origin: Timestamp
    ) -> (slope: Double, intercept: Double) {
        let count = Double(samples.count)
        var (sumX, sumY, sumXY, sumXX) = (KahanSum(), KahanSum(), KahanSum(), KahanSum())
        let first = samples[0].value
        var isConstant = true
        for index in samples.indices {
            let x = Double(samples[index].time.milliseconds(since: origin)) / 1000
            let y = samples[index].value
            if y != first, index > 0 { isConstant = false }
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        // Exactly, where rounding would leave a little slope.
        if isConstant { return first.isInfinite ? (.nan, .nan) : (0, first) }
        let covariance = sumXY.value - sumX.value * sumY.value / count
        let variance = sumXX.value - sumX.value * sumX.value / count
        let slope = covariance / variance
        return (slope, sumY.value / count - slope * sumX.value / count)
    }

    /// Holt's double exponential smoothing.
    private static func smoothed(_ samples: Span<Sample>, _ window: Window) throws(PromQLError) -> Double? {
        let (level, trend) = (window.numbers.first, window.numbers.second)
        guard level > 0, level < 1 else { throw invalid("smoothing factor", "sf", level) }
        guard trend > 0, trend < 1 else { throw invalid("trend factor", "tf", trend) }
        guard samples.count >= 2 else { return nil }
        var before = 0.0
        var current = samples[0].value
        var slope = samples[1].value - samples[0].value
        for index in 1..<samples.count {
            if index > 1 { slope = trend * (current - before) + (1 - trend) * slope }
            let next = level * samples[index].value + (1 - level) * (current + slope)
            before = current
            current = next
        }
        return current
    }

    private static func invalid(_ what: String, _ symbol: String, _ value: Double) -> PromQLError {
        PromQLError(
            .execution, "invalid \(what). Expected: 0 < \(symbol) < 1, got: \(String(format: "%f", value))")
    }
}
