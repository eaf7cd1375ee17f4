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

    /// How a label stands in the record of a series: beside that at the same place of the series record before, in the same
    /// page or frame. The metrics of a device have most labels in common.
    fileprivate enum LabelForm: UInt8 {
        case same = 0
        case sameName = 1
        case whole = 2
    }

    /// Reads a record. `previous` are the labels of the last series record in the same page or frame.
    init(_ reader: inout ByteReader, previous: inout [Label]) throws(DamagedBytes) {
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
            var bytes = 0
            for index in 0..<(try reader.count(leastBytes: 1)) {
                guard let form = LabelForm(rawValue: try reader.integer()), form == .whole || index < previous.count
                else { throw DamagedBytes("label") }
                switch form {
                case .same: labels.append(previous[index])
                case .sameName: labels.append(Label(previous[index].name, try reader.text()))
                case .whole: labels.append(Label(try reader.text(), try reader.text()))
                }
                bytes += labels[index].name.utf8.count + labels[index].value.utf8.count
            }
            // No writer makes larger ones: what the index keeps of a record fits where it has room for it.
            guard bytes <= CataloguePage.room else { throw DamagedBytes("labels") }
            previous = labels
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

    /// What the record of `descriptor` takes at most.
    static func mostBytes(of descriptor: SeriesDescriptor) -> Int {
        descriptor.labels.sorted.reduce(16 + (descriptor.unit?.utf8.count ?? 0)) {
            $0 + 5 + $1.name.utf8.count + $1.value.utf8.count
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
    /// Writes the record of `change`. `previous` is the series whose record was the last one of a series in the same page or
    /// frame.
    func append(_ change: CatalogueChange, previous: inout UInt32?, to out: inout ByteWriter) {
        switch change {
        case .series(let number):
            out.append(CatalogueRecord.Tag.series.rawValue)
            out.appendVarint(UInt64(number))
            appendLabels(pairs(of: number), after: previous.map(pairs(of:)) ?? [], to: &out)
            previous = number
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

    private func appendLabels(_ pairs: [UInt32], after previous: [UInt32], to out: inout ByteWriter) {
        out.appendVarint(UInt64(pairs.count))
        for (index, pair) in pairs.enumerated() {
            let before = index < previous.count ? previous[index] : nil
            if before == pair {
                out.append(CatalogueRecord.LabelForm.same.rawValue)
                continue
            }
            if let before, labelPairs.pairs[Int(before)].name == labelPairs.pairs[Int(pair)].name {
                out.append(CatalogueRecord.LabelForm.sameName.rawValue)
            } else {
                out.append(CatalogueRecord.LabelForm.whole.rawValue)
                labelPairs.withName(of: pair) { Catalogue.append($0, to: &out) }
            }
            labelPairs.withValue(of: pair) { Catalogue.append($0, to: &out) }
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
