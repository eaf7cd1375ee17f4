import Readings

/// Readings as the JSON lines of VictoriaMetrics' `/api/v1/import`: a line a series, with its labels, values and times.
struct ImportLines {
    private let metrics: [[UInt8]]
    private var columns: SeriesColumns

    var samples: Int { columns.samples }

    init(_ series: [Labels]) {
        metrics = series.map { labels in
            Array("{\"metric\":{\(labels.sorted.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ","))}".utf8)
        }
        columns = SeriesColumns(series: series.count)
    }

    mutating func add(_ time: Int64, _ series: [Int], _ values: [Double]) { columns.add(time, series, values) }

    /// All lines; afterwards there are none.
    mutating func takeAll() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(samples * 24)
        for index in metrics.indices where !columns.times[index].isEmpty {
            text += metrics[index]
            text += Array(",\"values\":[".utf8)
            for value in columns.values[index] { ImportLines.append(value.description, to: &text) }
            text[text.count - 1] = UInt8(ascii: "]")
            text += Array(",\"timestamps\":[".utf8)
            for time in columns.times[index] { ImportLines.append(time.description, to: &text) }
            text[text.count - 1] = UInt8(ascii: "]")
            text += Array("}\n".utf8)
        }
        columns.removeAll()
        return text
    }

    private static func append(_ number: String, to text: inout [UInt8]) {
        text.append(contentsOf: number.utf8)
        text.append(UInt8(ascii: ","))
    }
}
