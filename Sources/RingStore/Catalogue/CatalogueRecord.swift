import Readings

/// One thing that the catalogue remembers, as it is read. Written to the log when it is new, and to a page of the catalogue
/// at the next checkpoint.
enum CatalogueRecord {
    case series(UInt32, SeriesDescriptor)
    /// The unit became known later, or changed.
    case unit(UInt32, String?)
    /// The series of the rows of a shape, ascending.
    case shape(UInt32, [UInt32])

    fileprivate enum Tag: UInt8 {
        case series = 1
        case unit = 2
        case shape = 3
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
        let start = reader.position
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
        // No writer makes larger ones: what the index keeps of a record fits where it has room for it.
        guard reader.position - start <= CataloguePage.room else { throw DamagedBytes("record") }
    }

    /// What the record of `descriptor` takes at most.
    static func mostBytes(of descriptor: SeriesDescriptor) -> Int {
        descriptor.labels.sorted.reduce(16 + (descriptor.unit?.utf8.count ?? 0)) {
            $0 + 4 + $1.name.utf8.count + $1.value.utf8.count
        }
    }

    static func mostBytes(ofUnit unit: String) -> Int { 16 + unit.utf8.count }

    /// What the record of a shape takes at most.
    static func mostBytes(ofShapeWith columns: Int) -> Int { 16 + 5 * columns }
}

/// What is new in a catalogue: which record is to be written. Small, as there may be very many; the catalogue has the rest.
enum CatalogueChange {
    case series(UInt32)
    case unit(UInt32)
    case shape(UInt32)
}

extension Catalogue {
    /// Writes the record of `change`.
    func append(_ change: CatalogueChange, to out: inout ByteWriter) {
        switch change {
        case .series(let number):
            out.append(CatalogueRecord.Tag.series.rawValue)
            out.appendVarint(UInt64(number))
            let pairs = pairs(of: number)
            out.appendVarint(UInt64(pairs.count))
            for pair in pairs {
                labelPairs.withName(of: pair) { Catalogue.append($0, to: &out) }
                labelPairs.withValue(of: pair) { Catalogue.append($0, to: &out) }
            }
            appendUnit(of: number, to: &out)
        case .unit(let number):
            out.append(CatalogueRecord.Tag.unit.rawValue)
            out.appendVarint(UInt64(number))
            appendUnit(of: number, to: &out)
        case .shape(let number):
            out.append(CatalogueRecord.Tag.shape.rawValue)
            out.appendVarint(UInt64(number))
            let series = columns(of: .shape(number)) ?? []
            out.appendVarint(UInt64(series.count))
            for one in series { out.appendVarint(UInt64(one)) }
        }
    }

    /// A flag, and the text: a unit may be the empty text.
    private func appendUnit(of series: UInt32, to out: inout ByteWriter) {
        let unit = unitPair(of: series)
        out.append(UInt8(unit == nil ? 0 : 1))
        if let unit { labelPairs.withValue(of: unit) { Catalogue.append($0, to: &out) } }
    }

    private static func append(_ text: UnsafeRawBufferPointer, to out: inout ByteWriter) {
        out.appendVarint(UInt64(text.count))
        out.append(text)
    }
}
