import Alerting
import Foundation
import Readings

/// The late readings of one series as they are kept over a restart: a row beside the alerts' state.
///
/// The series goes by its labels: its number may be another one in a store that was restored.
struct SavedLateReadings: Codable, Equatable {
    private var labels: [String: String]
    /// The first instant in milliseconds, then how far each lies behind the one before.
    private var times: [Int64]
    /// Places in `times` at which something was there before, and the bits of those values: JSON has no NaN.
    private var places: [Int]?
    private var values: [UInt64]?

    init(_ labels: Labels, _ instants: LateInstants) {
        self.labels = labels.sorted.dictionary
        times = []
        var last: Int64 = 0
        for (place, time) in instants.times.enumerated() {
            times.append(time.milliseconds &- last)
            last = time.milliseconds
            guard let value = instants.before[time] else { continue }
            places = (places ?? []) + [place]
            values = (values ?? []) + [value.bitPattern]
        }
    }

    /// Nil if the row is none of this program's.
    init?(_ row: SavedRow) {
        guard SavedRow.isLate(key: row.key),
            let read = try? JSONDecoder().decode(SavedLateReadings.self, from: Data(row.json.utf8))
        else { return nil }
        self = read
    }

    var series: Labels { Labels(labels.map { Label($0.key, $0.value) }) }

    var instants: LateInstants {
        var all: [Timestamp] = []
        var last: Int64 = 0
        for one in times {
            last &+= one
            all.append(Timestamp(milliseconds: last))
        }
        var before: [Timestamp: Double] = [:]
        for (place, bits) in zip(places ?? [], values ?? []) where all.indices.contains(place) {
            before[all[place]] = Double(bitPattern: bits)
        }
        return LateInstants(times: all, before: before)
    }

    /// Nil only for what can't be written as JSON, which none is.
    var json: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func key(of labels: Labels) -> String {
        SavedRow.lateKey(of: labels.sorted.flatMap { [$0.name, $0.value] })
    }
}
