import Energy
import Foundation
import Hummingbird
import PromQL
import QueryAPI
import Readings

/// The periods of a counter, one after the other: see `QueryAPI.EnergyReport`.
struct EnergyPieces: BodyPieces {
    private let head: EnergyReport
    private var remaining: ArraySlice<PeriodConsumption>
    private let warnings: [String]
    private var isBegun = false
    private var isOver = false

    /// Reads the counter.
    init(_ reader: CounterReader, by kind: PeriodKind, zone: TimeZone) throws {
        let (periods, range) = try reader.read()
        remaining = periods[...]
        head = EnergyReport(
            metric: Dictionary(uniqueKeysWithValues: reader.series.labels.sorted.map { ($0.name, $0.value) }),
            unit: reader.series.unit, by: kind.rawValue, zone: zone.identifier, periods: [])
        // What lies behind the last period does not matter to the answer.
        var damage = DamageWarnings()
        if let end = reader.edges.last { damage.add(reader.series, in: range.lowerBound...max(range.lowerBound, end)) }
        warnings = damage.texts
    }

    mutating func next() throws -> ByteBuffer? {
        guard !isOver else { return nil }
        var out = ByteBuffer()
        var separator = ","
        if !isBegun {
            isBegun = true
            separator = ""
            out.writeStaticString("{\"status\":\"success\",\"data\":{\"by\":")
            out.writeJSONString(head.by)
            out.writeStaticString(",\"metric\":")
            out.writeBytes(try APIAnswer.encoded(head.metric))
            if let unit = head.unit {
                out.writeStaticString(",\"unit\":")
                out.writeJSONString(unit)
            }
            out.writeStaticString(",\"zone\":")
            out.writeJSONString(head.zone)
            out.writeStaticString(",\"periods\":[")
        }
        while let period = remaining.popFirst() {
            out.writeString(separator)
            separator = ","
            out.writeBytes(try APIAnswer.encoded(EnergyReport.Period(period)))
            if out.readableBytes >= StreamedAnswer.pieceBytes { return out }
        }
        out.writeStaticString("]}")
        out.writeTexts("warnings", warnings)
        out.writeStaticString("}")
        isOver = true
        return out
    }
}

extension EnergyReport.Period {
    init(_ period: PeriodConsumption) {
        self.init(
            start: period.start.rfc3339, end: period.end.rfc3339, consumption: period.consumption.withoutNoise,
            estimated: period.estimated.withoutNoise, complete: period.isComplete,
            knownFrom: period.known?.lowerBound.rfc3339, knownUntil: period.known?.upperBound.rfc3339,
            first: period.first.map(EnergyReport.Reading.init), last: period.last.map(EnergyReport.Reading.init),
            foldedSeconds: period.coarsestStep > 0 ? Double(period.coarsestStep) / 1000 : nil,
            events: period.events.map(EnergyReport.Event.init), moreEvents: period.eventCount - period.events.count)
    }
}

extension EnergyReport.Reading {
    init(_ sample: Sample) {
        self.init(time: sample.time.rfc3339, value: sample.value)
    }
}

extension EnergyReport.Event {
    init(_ event: CounterEvent) {
        self.init(
            kind: event.kind.rawValue, before: .init(event.before), after: .init(event.after),
            counted: event.counted.withoutNoise, settled: event.isSettled, assumption: event.assumption)
    }
}

extension Double {
    /// Rounded to the ninth digit after the point: sums of differences are no more exact than that.
    fileprivate var withoutNoise: Double {
        let shifted = (self * 1e9).rounded()
        return abs(shifted) < 0x1p53 ? shifted / 1e9 : self
    }
}
