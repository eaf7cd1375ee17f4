import Hummingbird
import PromQL
import Readings

/// A line for some samples of one series: `{"metric":{…},"unit":"Cel","values":[…],"timestamps":[ms…]}`, the unit only if it is
/// known.
///
/// JSON has no words for the numbers that are none; they are written as VictoriaMetrics does (`null`, `"Infinity"`,
/// `"-Infinity"`), and those that must not become a common NaN by name: Prometheus's staleness marker as `"StaleNaN"`,
/// others with their bits.
struct JSONLinesExport: ExportFormat {
    var contentType: String { "application/stream+json" }

    func writeHeader(to out: inout ByteBuffer) {}

    func write(_ samples: [Sample], of series: any SelectedSeries, to out: inout ByteBuffer) {
        out.writeStaticString("{\"metric\":")
        out.writeJSON(series.labels.sorted)
        if let unit = series.unit {
            out.writeStaticString(",\"unit\":")
            out.writeJSONString(unit)
        }
        out.writeStaticString(",\"values\":[")
        for (index, sample) in samples.enumerated() {
            if index > 0 { out.writeStaticString(",") }
            JSONLinesExport.write(sample.value, to: &out)
        }
        out.writeStaticString("],\"timestamps\":[")
        for (index, sample) in samples.enumerated() {
            if index > 0 { out.writeStaticString(",") }
            out.writeString(String(sample.time.milliseconds))
        }
        out.writeStaticString("]}\n")
    }

    private static func write(_ value: Double, to out: inout ByteBuffer) {
        if value.isFinite {
            out.writeJSONNumber(value)
        } else if let word = SpecialNumber.word(for: value) {
            out.writeJSONString(word)
        } else {
            out.writeStaticString("null")
        }
    }
}
