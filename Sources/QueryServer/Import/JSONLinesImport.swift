import Readings

/// Lines as `JSONLinesExport` writes them: `{"metric":{…},"unit":…,"values":[…],"timestamps":[ms…]}`.
struct JSONLinesImport: ImportFormat {
    func isOpen(_ line: [UInt8]) -> Bool { false }

    func take(_ line: [UInt8], into out: inout [ImportedSeries]) throws(ImportFault) {
        var scanner = ImportScanner(line)
        var labels: Labels?
        var unit: String?
        var values: [Double]?
        var times: [Timestamp]?
        try scanner.object { (key, scanner) throws(ImportFault) in
            switch key {
            case "metric" where labels == nil: labels = try JSONLinesImport.labels(&scanner)
            case "unit" where unit == nil: unit = try scanner.takeNull() ? nil : try scanner.string()
            case "values" where values == nil:
                var found: [Double] = []
                try scanner.array { (scanner) throws(ImportFault) in found.append(try scanner.value()) }
                values = found
            case "timestamps" where times == nil:
                var found: [Timestamp] = []
                try scanner.array { (scanner) throws(ImportFault) in found.append(try scanner.time()) }
                times = found
            default: throw ImportFault("\"\(key.prefix(60))\" is not expected here, or comes twice")
            }
        }
        try scanner.end()
        guard let labels, let values, let times else {
            throw ImportFault("\"metric\", \"values\" and \"timestamps\" must be there")
        }
        guard values.count == times.count else {
            throw ImportFault("\(values.count) values and \(times.count) timestamps: there must be as many")
        }
        try ImportRules.check(labels)
        try ImportRules.check(unit: unit)
        out.append(
            ImportedSeries(
                labels: labels, unit: unit, samples: zip(times, values).map { Sample(time: $0, value: $1) }))
    }

    private static func labels(_ scanner: inout ImportScanner) throws(ImportFault) -> Labels {
        var labels: [Label] = []
        try scanner.object { (name, scanner) throws(ImportFault) in
            guard !labels.contains(where: { $0.name == name }) else {
                throw ImportFault("the label \(name.prefix(60)) comes twice")
            }
            labels.append(Label(name, try scanner.string()))
            // Before a line of a million of them is compared each with each.
            if labels.count > ImportRules.mostLabels { throw ImportFault("more than \(ImportRules.mostLabels) labels") }
        }
        return Labels(labels)
    }
}
