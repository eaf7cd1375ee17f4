import Readings

/// One thing that the catalogue remembers. Written to the log when it is new, and to a page of the catalogue at the next
/// checkpoint.
enum CatalogueRecord {
    case series(UInt32, SeriesDescriptor)
    /// The unit became known later, or changed.
    case unit(UInt32, String?)
    /// The series of the rows of a shape, ascending.
    case shape(UInt32, [UInt32])

    private enum Tag: UInt8 {
        case series = 1
        case unit = 2
        case shape = 3
    }

    func append(to out: inout ByteWriter) {
        switch self {
        case .series(let number, let descriptor):
            out.append(Tag.series.rawValue)
            out.appendVarint(UInt64(number))
            out.appendVarint(UInt64(descriptor.labels.sorted.count))
            for label in descriptor.labels.sorted {
                out.appendText(label.name)
                out.appendText(label.value)
            }
            CatalogueRecord.append(descriptor.unit, to: &out)
        case .unit(let number, let unit):
            out.append(Tag.unit.rawValue)
            out.appendVarint(UInt64(number))
            CatalogueRecord.append(unit, to: &out)
        case .shape(let number, let series):
            out.append(Tag.shape.rawValue)
            out.appendVarint(UInt64(number))
            out.appendVarint(UInt64(series.count))
            for one in series { out.appendVarint(UInt64(one)) }
        }
    }

    /// A flag, and the text: a unit may be the empty text.
    private static func append(_ unit: String?, to out: inout ByteWriter) {
        out.append(UInt8(unit == nil ? 0 : 1))
        if let unit { out.appendText(unit) }
    }

    init(_ reader: inout ByteReader) throws(DamagedBytes) {
        func number(_ reader: inout ByteReader) throws(DamagedBytes) -> UInt32 {
            guard let number = UInt32(exactly: try reader.varint()), number < GroupKey.mostNumbers else {
                throw DamagedBytes("number")
            }
            return number
        }
        func unit(_ reader: inout ByteReader) throws(DamagedBytes) -> String? {
            try reader.integer(UInt8.self) == 0 ? nil : try reader.text()
        }
        guard let tag = Tag(rawValue: try reader.integer(UInt8.self)) else { throw DamagedBytes("record") }
        let subject = try number(&reader)
        switch tag {
        case .series:
            var labels: [Label] = []
            for _ in 0..<(try reader.count(leastBytes: 2)) {
                labels.append(Label(try reader.text(), try reader.text()))
            }
            self = .series(subject, SeriesDescriptor(labels: Labels(labels), unit: try unit(&reader)))
        case .unit:
            self = .unit(subject, try unit(&reader))
        case .shape:
            var series: [UInt32] = []
            for _ in 0..<(try reader.count(leastBytes: 1)) { series.append(try number(&reader)) }
            guard (2...Chunk.mostColumns).contains(series.count), zip(series, series.dropFirst()).allSatisfy(<) else {
                throw DamagedBytes("shape")
            }
            self = .shape(subject, series)
        }
    }
}
