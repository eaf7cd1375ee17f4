import Readings
import RingStore

/// `quantrac store inspect` and `verify` for people.
struct StorePage: Sendable {
    var inspection: StoreInspection
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    func lines() -> [String] {
        var lines = [heading, ""]
        lines += rendered(files) + [""]
        lines += [log, catalogue, pool, ""]
        if !inspection.segments.isEmpty { lines += rendered(segments) + [""] }
        lines += damage
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private func rendered(_ table: Table) -> [String] {
        table.lines(width: terminal.isTTY ? terminal.width : nil, colours: terminal.hasColours)
    }

    private var heading: String {
        let health =
            inspection.isHealthy
            ? Tone.good.paint(texts(inspection.isVerified ? .verified : .looksHealthy), colours: terminal.hasColours)
            : Tone.bad.paint(texts(.damageFound(inspection.damage.count)), colours: terminal.hasColours)
        return "\(PlainText.neutralised(inspection.path)) · \(texts(.format(Int(inspection.format)))) · \(health)"
    }

    private var files: Table {
        var table = Table(columns: [
            .init(title: texts(.file)), .init(title: texts(.bytes), isNumber: true),
            .init(title: texts(.onDisk), isNumber: true),
        ])
        for file in inspection.files {
            table.rows.append([
                .init(file.name), .init(NumberText.grouped(file.bytes)),
                .init(NumberText.grouped(file.allocatedBytes)),
            ])
        }
        return table
    }

    private var log: String {
        let log = inspection.log
        let frames = log.frames.filter { $0.count > 0 }.map { texts(.framesOf(kind: $0.kind, count: $0.count)) }
        return texts(
            .logHolds(
                used: NumberText.bytes(log.bytesUsed), size: NumberText.bytes(log.bytes),
                frames: frames.joined(separator: ", "), checkpoint: log.checkpoint,
                headSamples: NumberText.grouped(log.headSamples)))
    }

    private var catalogue: String {
        let catalogue = inspection.catalogue
        return texts(
            .catalogueHolds(
                series: UInt64(catalogue.series), shapes: UInt64(catalogue.shapes), pages: catalogue.pagesUsed,
                of: catalogue.pages))
    }

    private var pool: String {
        texts(
            .poolHolds(
                segments: inspection.segments.count, slots: inspection.slots,
                size: NumberText.bytes(inspection.segmentBytes), samples: NumberText.grouped(inspection.samples)))
    }

    private var segments: Table {
        var table = Table(columns: [
            .init(title: texts(.segment), isNumber: true), .init(title: texts(.slot), isNumber: true),
            .init(title: texts(.content)), .init(title: texts(.from)), .init(title: texts(.to)),
            .init(title: texts(.chunks), isNumber: true), .init(title: texts(.samples), isNumber: true),
            .init(title: texts(.bytes), isNumber: true), .init(title: texts(.bytesPerSample), isNumber: true),
        ])
        for segment in inspection.segments {
            table.rows.append([
                .init("\(segment.sequence)"), .init("\(segment.slot)"), .init(segment.content),
                .init(clock.dateAndTime(segment.first)), .init(clock.dateAndTime(segment.last)),
                .init(NumberText.grouped(UInt64(segment.chunks))), .init(NumberText.grouped(segment.samples)),
                .init(NumberText.grouped(segment.bytesUsed)),
                .init(segment.bytesPerSample.map { NumberText.fixed($0, decimals: 2) } ?? ""),
            ])
        }
        return table
    }

    private var damage: [String] {
        inspection.damage.map { Tone.bad.paint(PlainText.neutralised("\($0)"), colours: terminal.hasColours) }
    }
}

/// The segments as CSV: a row for each, named as in the JSON; what is damaged follows with its place instead of numbers.
enum StoreCSV {
    static func lines(_ inspection: StoreInspection) -> [String] {
        let segments = inspection.segments.map { segment in
            [
                "segment", "\(segment.sequence)", "\(segment.slot)", segment.content, segment.first.rfc3339,
                segment.last.rfc3339, "\(segment.chunks)", "\(segment.samples)", "\(segment.bytesUsed)",
                segment.bytesPerSample.map(NumberText.exact) ?? "", "", "", "",
            ]
        }
        let damage = inspection.damage.map {
            ["damage", "", "", "", "", "", "", "", "", "", $0.file, "\($0.offset)", $0.what]
        }
        return CSV.lines(
            [
                "kind", "sequence", "slot", "content", "first", "last", "chunks", "samples", "bytesUsed",
                "bytesPerSample", "file", "offset", "what",
            ], segments + damage)
    }
}
