import Glibc
import PromQL
import Readings

/// Scores each reading of a series from it and those before it.
protocol Detector {
    var name: String { get }
    func scores(_ samples: [Sample]) throws -> [Double]
}

/// The query that a rule would ask at each reading. Readings without an answer score 0.
struct ScoreQuery: Detector {
    let name: String
    private let query: Query

    init(_ function: String) throws {
        name = function
        query = try Query("\(function)(\(RecordedSeries.name)[14d])")
    }

    func scores(_ samples: [Sample]) throws -> [Double] {
        let source = RecordedSource(series: RecordedSeries(samples))
        return try samples.map { sample in
            guard case .vector(let found) = try query.instant(at: sample.time, source: source).value else { return 0 }
            return found.first?.sample.value ?? 0
        }
    }
}

/// How unlikely a reading is if the last 6,400 readings were normally distributed: NAB's "windowed Gaussian", by its description.
///
/// Mean and deviation follow every reading until the window is full, then every hundredth.
struct GaussianWindow: Detector {
    let name = "windowed Gaussian"

    func scores(_ samples: [Sample]) -> [Double] {
        var scores: [Double] = []
        var window: [Double] = []
        var next: [Double] = []
        var (sum, squares) = (0.0, 0.0)
        // What is summed is small if it is told from the first value.
        let origin = samples.first?.value ?? 0
        var (mean, deviation) = (0.0, 1.0)
        func update() {
            let count = Double(window.count)
            mean = sum / count
            let variance = squares / count - mean * mean
            deviation = variance > 1e-12 ? variance.squareRoot() : 1e-6
        }
        func add(_ values: [Double], _ sign: Double) {
            for value in values {
                sum += sign * value
                squares += sign * value * value
            }
        }
        for sample in samples {
            let value = sample.value - origin
            let distance = (value - mean).magnitude / deviation
            scores.append(window.isEmpty ? 0 : 1 - 0.5 * erfc(distance / 2.0.squareRoot()))
            next.append(value)
            guard window.count < 6_400 || next.count == 100 else { continue }
            if window.count >= 6_400 {
                add(Array(window[..<100]), -1)
                window.removeFirst(100)
            }
            add(next, 1)
            window += next
            next.removeAll()
            update()
        }
        return scores
    }
}
