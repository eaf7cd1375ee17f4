/// A record of a SenML pack (RFC 8428), before it is written as JSON or CBOR.
struct SenMLRecord {
    enum Value {
        case number(Measurement)
        /// Pascals.
        case pascals(Double)
        case flag(Bool)
    }

    var name: String
    var unit: String?
    var value: Value

    init(_ measured: Measurement) {
        name = measured.quantity.metric
        switch measured.quantity {
        case _ where measured.quantity.isFlag: value = .flag(measured.value != 0)
        // Hectopascals would be a secondary unit (RFC 8798).
        case .pressure:
            value = .pascals(rounded(measured.value * 100, 0))
            unit = "Pa"
        default:
            value = .number(measured)
            unit = measured.quantity.unit?.senML(of: measured.quantity)
        }
    }

    /// What a pack of all that was measured means, whichever way it is written.
    static func meaning(of report: Report, from device: Device) -> [MeantReading] {
        report.measurements.map { measured in
            let unit = measured.quantity.unit?.rawValue
            let value =
                measured.quantity == .pressure ? rounded(measured.value * 100, 0) / 100 : measured.value
            return MeantReading(
                device: device.id, metric: measured.quantity.metric, value: value, unit: unit, time: report.time)
        }
    }
}

extension Unit {
    fileprivate func senML(of quantity: Quantity) -> String {
        guard self == .percent else { return rawValue }
        switch quantity {
        case .humidity: return "%RH"
        case .battery: return "%EL"
        default: return "%"
        }
    }
}

/// SenML as JSON.
struct SenMLJSON: Convention {
    let name = "senml"
    let summary = "senml/<device> with a JSON pack, base name and base time"
    let tellsTime = true

    func publications(of report: Report, from device: Device) -> [Publication] {
        guard !report.measurements.isEmpty else { return [] }
        let records = report.measurements.enumerated().map { index, measured in
            let record = SenMLRecord(measured)
            var members: [String] = []
            if index == 0 {
                // RFC 9100's number for version 10 with the secondary units.
                members = [
                    #""bn":"\#(device.id)/""#, #""bt":\#(TimeText.epochSeconds(report.writtenTime))"#, #""bver":26"#,
                ]
            }
            members.append(#""n":"\#(record.name)""#)
            if let unit = record.unit { members.append(#""u":"\#(unit)""#) }
            switch record.value {
            case .number(let measured): members.append(member("v", measured.text))
            case .pascals(let number): members.append(member("v", text(number, 0)))
            case .flag(let flag): members.append(member("vb", "\(flag)"))
            }
            return object(members)
        }
        return [
            Publication(
                "senml/\(device.id)", "[\(records.joined(separator: ","))]",
                meaning: SenMLRecord.meaning(of: report, from: device))
        ]
    }
}

/// SenML as CBOR, with the labels of RFC 8428 §6.
struct SenMLCBOR: Convention {
    let name = "senml-cbor"
    let summary = "senml-cbor/<device> with the same in CBOR"
    let tellsTime = true

    private enum Label {
        static let baseVersion = -1
        static let baseName = -2
        static let baseTime = -3
        static let name = 0
        static let unit = 1
        static let value = 2
        static let flag = 4
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        guard !report.measurements.isEmpty else { return [] }
        var writer = CBORWriter()
        writer.array(count: report.measurements.count)
        for (index, measured) in report.measurements.enumerated() {
            let record = SenMLRecord(measured)
            writer.map(count: (index == 0 ? 3 : 0) + (record.unit == nil ? 2 : 3))
            if index == 0 {
                writer.integer(Label.baseName)
                writer.text(device.id + "/")
                writer.integer(Label.baseTime)
                writer.double(Double(report.writtenTime) / 1000)
                writer.integer(Label.baseVersion)
                writer.integer(26)
            }
            writer.integer(Label.name)
            writer.text(record.name)
            if let unit = record.unit {
                writer.integer(Label.unit)
                writer.text(unit)
            }
            switch record.value {
            case .number(let measured): write(measured.value, to: &writer)
            case .pascals(let number): write(number, to: &writer)
            case .flag(let flag):
                writer.integer(Label.flag)
                writer.flag(flag)
            }
        }
        return [
            Publication(
                "senml-cbor/\(device.id)", bytes: writer.bytes, meaning: SenMLRecord.meaning(of: report, from: device))
        ]
    }

    private func write(_ number: Double, to writer: inout CBORWriter) {
        writer.integer(Label.value)
        writer.double(number)
    }
}
