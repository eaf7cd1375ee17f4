import Foundation
import Readings

/// The files of a checkout of the Numenta Anomaly Benchmark, and the windows in which something was wrong.
struct NABCorpus {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct File {
        var name: String
        var samples: [Sample]
        /// Rows of `samples`.
        var windows: [ClosedRange<Int>]
        /// Every second file of its folder, by name.
        var isHeldOut: Bool
    }

    let files: [File]

    init(checkout: String) throws {
        let labels = URL(fileURLWithPath: checkout + "/labels/combined_windows.json")
        guard let data = try? Data(contentsOf: labels),
            let windows = try? JSONDecoder().decode([String: [[String]]].self, from: data)
        else { throw Failure(description: "\(labels.path) cannot be read; --nab wants a checkout of numenta/NAB") }
        var places: [Substring: Int] = [:]
        files = try windows.sorted { $0.key < $1.key }.map { name, windows in
            let samples = try NABCorpus.samples(checkout + "/data/" + name)
            let folder = name.prefix { $0 != "/" }
            defer { places[folder, default: 0] += 1 }
            return File(
                name: name, samples: samples, windows: windows.compactMap { NABCorpus.rows($0, samples) },
                isHeldOut: places[folder, default: 0] % 2 == 1)
        }
    }

    /// The scores of a detector that the checkout has with the corpus, for each of `files`; nil if one is missing.
    func published(_ detector: String, in checkout: String) -> [[Double]]? {
        let scores = files.compactMap { file -> [Double]? in
            let place = file.name.split(separator: "/").map(String.init)
            guard place.count == 2,
                let text = try? String(
                    contentsOfFile: "\(checkout)/results/\(detector)/\(place[0])/\(detector)_\(place[1])",
                    encoding: .utf8)
            else { return nil }
            let scores = text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line -> Double? in
                let cells = line.split(separator: ",")
                return cells.count > 2 ? Double(cells[2]) : nil
            }
            return scores.count == file.samples.count ? scores : nil
        }
        return scores.count == files.count ? scores : nil
    }

    private static func samples(_ path: String) throws -> [Sample] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(description: "\(path) cannot be read")
        }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let cells = line.split(separator: ",")
            guard cells.count == 2, let time = RecordedTable.time(String(cells[0])), let value = Double(cells[1]) else {
                return nil
            }
            return Sample(time: Timestamp(milliseconds: time), value: value)
        }
    }

    private static func rows(_ window: [String], _ samples: [Sample]) -> ClosedRange<Int>? {
        // The label's microseconds are none: `2013-12-15 07:00:00.000000`.
        let times = window.compactMap { RecordedTable.time(String($0.prefix { $0 != "." })) }
        guard times.count == 2, let first = samples.firstIndex(where: { $0.time.milliseconds == times[0] }),
            let last = samples.firstIndex(where: { $0.time.milliseconds == times[1] }), first <= last
        else { return nil }
        return first...last
    }
}
