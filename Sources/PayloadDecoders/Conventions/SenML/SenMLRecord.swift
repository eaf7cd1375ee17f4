/// One record of a SenML pack, as it is written. Of texts and data only the presence is noted: they are no readings.
struct SenMLRecord {
    var baseName: String?
    var baseTime: Double?
    var baseUnit: String?
    var baseValue: Double?
    var version: Double?
    var name: String?
    var unit: String?
    var value: Double?
    var flag: Bool?
    var time: Double?
    /// Whether there is a text, data or a sum.
    var hasOtherValue = false
    /// A label that has to be understood (it ends in `_`) and is not.
    var obligation: String?

    var hasValue: Bool { value != nil || flag != nil || hasOtherValue }

    /// Sets a field that is a number; of other fields only notes that they are there.
    mutating func set(_ label: SenMLLabel, number: Double?) {
        switch label {
        case .baseTime: baseTime = number
        case .baseValue: baseValue = number
        case .version: version = number
        case .value: value = number
        case .time: time = number
        case .text, .data, .sum: hasOtherValue = true
        case .baseName, .baseUnit, .name, .unit, .flag, .baseSum, .updateTime: break
        }
    }

    mutating func set(_ label: SenMLLabel, text: String?) {
        switch label {
        case .baseName: baseName = text
        case .baseUnit: baseUnit = text
        case .name: name = text
        case .unit: unit = text
        default: break
        }
    }

    mutating func setUnknown(_ label: String) {
        if label.utf8.last == UInt8(ascii: "_") { obligation = label }
    }
}

extension SenMLRecord {
    /// - Parameter json: an object.
    init(_ json: JSONValue) {
        for (key, value) in json.members {
            let name = key.text
            guard let label = SenMLLabel(rawValue: name) else {
                setUnknown(name)
                continue
            }
            switch label {
            case .baseName, .baseUnit, .name, .unit: set(label, text: value.text)
            case .flag: flag = value.kind == .true ? true : value.kind == .false ? false : nil
            default: set(label, number: value.number)
            }
        }
    }

    /// - Parameter remaining: how many pairs the head of the map told.
    init(_ reader: inout CBORReader, pairs remaining: UInt64?) throws(CBORFault) {
        var remaining = remaining
        while try reader.hasNext(&remaining) {
            guard let label = try SenMLRecord.label(&reader, orUnknown: { setUnknown($0) }) else {
                try reader.skip(try reader.next())
                continue
            }
            let item = try reader.next()
            switch label {
            case .baseName, .baseUnit, .name, .unit: set(label, text: try reader.text(item))
            case .flag:
                if case .bool(let told) = item { flag = told } else { try reader.skip(item) }
            case .text, .data:
                try reader.skip(item)
                hasOtherValue = true
            default: set(label, number: try reader.number(item))
            }
        }
    }

    /// Labels are small integers, or texts where they are registered without one.
    private static func label(
        _ reader: inout CBORReader, orUnknown note: (String) -> Void
    ) throws(CBORFault) -> SenMLLabel? {
        let item = try reader.next()
        switch item {
        case .unsigned(let number): return Int64(exactly: number).flatMap(SenMLLabel.init(number:))
        case .negative(let number): return Int64(exactly: number).flatMap { SenMLLabel(number: -1 - $0) }
        default:
            guard let text = try reader.text(item) else { return nil }
            if let label = SenMLLabel(rawValue: text) { return label }
            note(text)
            return nil
        }
    }
}
