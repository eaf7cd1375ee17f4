import PromQL
import Readings

/// Rows as `CSVExport` writes them (RFC 4180), the header first. Rows of one series that follow each other become one.
struct CSVImport: ImportFormat {
    static let header = "metric,household,device,labels,unit,time,value"
    private var hasHeader = false
    /// The fields of the last row that name its series, so that equal ones need not be parsed again.
    private var last: (fields: [String], labels: Labels, unit: String?)?

    func isOpen(_ line: [UInt8]) -> Bool {
        !line.reduce(into: 0) { if $1 == UInt8(ascii: "\"") { $0 += 1 } }.isMultiple(of: 2)
    }

    mutating func take(_ line: [UInt8], into out: inout [ImportedSeries]) throws(ImportFault) {
        let line = line.last == 0x0D ? line.dropLast() : line[...]
        guard let text = String(validating: line, as: UTF8.self) else { throw ImportFault("the row is not UTF-8") }
        guard hasHeader else {
            guard text == CSVImport.header else { throw ImportFault("the first row must be \(CSVImport.header)") }
            hasHeader = true
            return
        }
        let fields = try CSVImport.fields(text)
        guard fields.count == 7 else { throw ImportFault("\(fields.count) fields instead of 7") }
        let sample = Sample(time: try CSVImport.time(fields[5]), value: try CSVImport.value(fields[6]))
        let (labels, unit) = try series(Array(fields[..<5]))
        if out.last?.labels == labels, out.last?.unit == unit {
            out[out.count - 1].samples.append(sample)
        } else {
            out.append(ImportedSeries(labels: labels, unit: unit, samples: [sample]))
        }
    }

    private mutating func series(_ fields: [String]) throws(ImportFault) -> (Labels, String?) {
        if let last, last.fields == fields { return (last.labels, last.unit) }
        var labels = [
            Label(LabelName.metric, fields[0]), Label(LabelName.household, fields[1]),
            Label(LabelName.device, fields[2]),
        ]
        if !fields[3].isEmpty { labels += try CSVImport.labels(fields[3]) }
        let all = Labels(labels)
        let unit = fields[4].isEmpty ? nil : fields[4]
        try ImportRules.check(all)
        try ImportRules.check(unit: unit)
        last = (fields, all, unit)
        return (all, unit)
    }

    /// What a PromQL selector with nothing but equalities says.
    private static func labels(_ text: String) throws(ImportFault) -> [Label] {
        let matchers: [LabelMatcher]
        do {
            matchers = try parseSelector(text)
        } catch {
            throw ImportFault("the labels \(text.prefix(60)) are not as PromQL writes them: \(error.message)")
        }
        var labels: [Label] = []
        for matcher in matchers {
            guard matcher.operator == .equal, !labels.contains(where: { $0.name == matcher.name }) else {
                throw ImportFault("the labels \(text.prefix(60)) must be equalities, each name once")
            }
            labels.append(Label(matcher.name, matcher.value))
        }
        return labels
    }

    private static func time(_ text: String) throws(ImportFault) -> Timestamp {
        guard let time = try? PromQLTime.parse(text), (APITime.earliest...APITime.latest).contains(time) else {
            throw ImportFault("'\(text.prefix(40))' is no time: RFC 3339 is expected")
        }
        return time
    }

    private static func value(_ text: String) throws(ImportFault) -> Double {
        if let value = SpecialNumber.value(of: text) { return value }
        let isNumeral = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
        guard isNumeral, let value = Double(text), value.isFinite else {
            throw ImportFault("'\(text.prefix(40))' is no number")
        }
        return value
    }

    private static func fields(_ text: String) throws(ImportFault) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if bytes.first == byte {
                    field.append(byte)
                    bytes = bytes.dropFirst()
                } else {
                    isQuoted = false
                    guard bytes.isEmpty || bytes.first == UInt8(ascii: ",") else {
                        throw ImportFault("a field goes on behind its closing quote")
                    }
                }
            case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
            case UInt8(ascii: ",") where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            default: field.append(byte)
            }
        }
        guard !isQuoted else { throw ImportFault("a quoted field does not end") }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }
}
