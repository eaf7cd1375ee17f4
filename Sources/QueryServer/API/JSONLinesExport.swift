import Hummingbird
import PromQL
import Readings

/// A line for some samples of one series: `{"metric":{…},"values":[…],"timestamps":[ms…]}`.
///
/// JSON has no words for the numbers that are none; they are written as VictoriaMetrics does (`null`, `"Infinity"`,
/// `"-Infinity"`), and Prometheus's staleness marker, which must not become a common NaN, as `"StaleNaN"`.
struct JSONLinesExport: ExportFormat {
    /// The bits of the NaN that ends a series (Prometheus, `model/value`).
    private static let staleBits: UInt64 = 0x7ff0_0000_0000_0002

    var contentType: String { "application/stream+json" }

    func writeHeader(to out: inout ByteBuffer) {}

    func write(_ samples: [Sample], of series: any SelectedSeries, to out: inout ByteBuffer) {
        out.writeStaticString("{\"metric\":")
        out.writeJSON(series.labels.sorted)
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
        } else if value.bitPattern == staleBits {
            out.writeStaticString("\"StaleNaN\"")
        } else if value.isNaN {
            out.writeStaticString("null")
        } else {
            out.writeString(value > 0 ? "\"Infinity\"" : "\"-Infinity\"")
        }
    }
}
