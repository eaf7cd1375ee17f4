import Hummingbird
import PromQL
import Readings

/// A row for each sample (RFC 4180), with the labels beyond metric, household and device as PromQL writes them.
struct CSVExport: ExportFormat {
    var contentType: String { "text/csv; charset=utf-8; header=present" }

    func writeHeader(to out: inout ByteBuffer) {
        out.writeStaticString("metric,household,device,labels,unit,time,value\r\n")
    }

    func write(_ samples: [Sample], of series: any SelectedSeries, to out: inout ByteBuffer) {
        let labels = series.labels
        let named = [LabelName.metric, LabelName.household, LabelName.device]
        let others = labels.sorted.filter { !named.contains($0.name) }
        let selector = others.isEmpty ? "" : Labels(others).description
        let start = [labels.metric, labels.household, labels.device, selector, series.unit ?? ""]
            .map(CSVExport.field).joined(separator: ",")
        for sample in samples {
            out.writeString(start)
            out.writeString(",\(sample.time.rfc3339),\(CSVExport.text(sample.value))\r\n")
        }
    }

    /// A NaN that says more than that it is none says so by name, as in JSON.
    private static func text(_ value: Double) -> String {
        value.isNaN ? SpecialNumber.word(for: value) ?? "NaN" : FormattedValue.sample(value)
    }

    private static func field(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
