import Readings

/// The form in which a device writes its JSON: all of a message but its values. Firmware writes the same keys in the same
/// order each time, so that what was found out about one message holds for the next one: where the bytes between the values are
/// the same, the values are read straight into their fields, and nothing else needs to be looked at.
///
/// A message in another form is read the long way, which gives the same answer: see `ShapeTable`.
final class MessageShape: Sendable {
    /// What becomes of a value.
    enum Use: Sendable {
        case skipped
        /// When the readings were measured.
        case time
        case reading
    }

    /// How a value becomes one of its field. Holds no object, which would be counted for each value.
    private enum Conversion: Sendable {
        case none
        case unit(UnitConversion)
        /// As `FieldUnit.ofBatteryOrMains`: both are kept in volts, but what comes in millivolts is a field that says so.
        case ofBatteryOrMains
    }

    /// Bytes that must be there, and the value behind them.
    private struct Step: Sendable {
        let start: Int
        let count: Int
        let use: Use
    }

    /// The bytes of all steps, and those behind the last value from `endStart` on.
    private let text: [UInt8]
    private let steps: [Step]
    private let endStart: Int
    /// Of each value that is a reading.
    private let fields: [ReadingField]
    private let conversions: [Conversion]
    /// As `fields`, for values in millivolts.
    private let fieldsInMillivolts: [ReadingField]

    /// The form of a message that has been read; nil if the next one in the same form may mean something else.
    ///
    /// - Parameter trace: what the reading of it has shown.
    init?(of json: JSONValue, trace: FieldTrace) {
        guard trace.isSound(in: json), json.bytes.count <= DecoderLimits.shapeBytes else { return nil }
        var text: [UInt8] = []
        var steps: [Step] = []
        var position = 0
        var notes = trace.readings[...]
        var readings: [FieldTrace.Note] = []
        var index = 0
        while index < json.tokens.count {
            let token = json.tokens[index]
            defer { index += 1 }
            if token.isSuperseded { return nil }
            switch token.kind {
            case .object, .array: continue
            case .key:
                // What decides the meaning of the rest belongs to the form.
                guard KnownKey(rawValue: token.next)?.decides == true, !json.isContainer(at: index + 1) else {
                    continue
                }
                index += 1
                let value = JSONValue(bytes: json.bytes, tokens: json.tokens, index: index)
                if value.number != nil { return nil }
                if notes.first?.value == index { notes.removeFirst() }
            case .string, .number, .true, .false, .null:
                guard steps.count < DecoderLimits.shapeValues else { return nil }
                let value = json.written(at: index)
                var use = trace.time?.value == index ? Use.time : .skipped
                if let note = notes.first, note.value == index {
                    readings.append(notes.removeFirst())
                    use = .reading
                }
                steps.append(Step(start: text.count, count: value.lowerBound - position, use: use))
                text += json.bytes[position..<value.lowerBound]
                position = value.upperBound
            }
        }
        guard notes.isEmpty else { return nil }
        fields = readings.map(\.field)
        conversions = readings.map { MessageShape.conversion(of: $0.unit) }
        fieldsInMillivolts = readings.map { MessageShape.inMillivolts($0) }
        endStart = text.count
        text += json.bytes[position...]
        self.text = text
        self.steps = steps
    }

    private static func conversion(of unit: FieldUnit) -> Conversion {
        switch unit {
        case .ofBatteryOrMains: .ofBatteryOrMains
        case .known(let unit), .told(_, let unit):
            unit.map { $0.conversion == .none ? .none : .unit($0.conversion) } ?? .none
        }
    }

    private static func inMillivolts(_ note: FieldTrace.Note) -> ReadingField {
        guard case .ofBatteryOrMains = note.unit else { return note.field }
        return ReadingField(
            metric: note.field.metric, unit: CanonicalUnit.millivolt.name,
            originalUnit: CanonicalUnit.millivolt.original, labels: note.field.labels)
    }

    /// Adds the readings of a message, if it has this form.
    ///
    /// - Parameter values: room for the values of a message.
    /// - Returns: whether it has; otherwise nothing was added.
    func read(
        _ bytes: UnsafeRawBufferPointer, of device: String, arrival: Arrival, clock: inout MessageClock,
        values: inout [Double], into message: inout DecodedMessage
    ) -> Bool {
        var time: WrittenTime?
        guard values.count >= conversions.count, take(bytes, values: &values, time: &time) else { return false }
        let deviceTime = time.map { clock.read($0, receivedAt: arrival.receivedAt) }
        guard let readingTime = ReadingTime(deviceTime, arrival: arrival) else { return true }
        for index in conversions.indices where !values[index].isNaN {
            let value = values[index]
            switch conversions[index] {
            case .none: message.add(value, of: fields[index], device: device, at: readingTime)
            case .unit(let conversion):
                message.add(conversion.converted(value), of: fields[index], device: device, at: readingTime)
            case .ofBatteryOrMains:
                let unit = FieldUnit.ofBatteryOrMains.unit(of: value)
                let fields = unit?.original == nil ? fields : fieldsInMillivolts
                message.add(unit?.converted(value) ?? value, of: fields[index], device: device, at: readingTime)
            }
        }
        return true
    }

    /// Takes the values out of `bytes`: of a field without one a NaN, which JSON can't write.
    private func take(
        _ bytes: UnsafeRawBufferPointer, values: inout [Double], time: inout WrittenTime?
    ) -> Bool {
        var cursor = JSONCursor(bytes)
        return text.withUnsafeBytes { text in
            var field = 0
            for step in steps {
                let expected = UnsafeRawBufferPointer(rebasing: text[step.start..<step.start &+ step.count])
                guard ByteComparison.areSame(expected, bytes, from: cursor.position, count: step.count) else {
                    return false
                }
                cursor.position &+= step.count
                guard let value = try? cursor.scalar() else { return false }
                switch step.use {
                case .skipped: break
                case .time: time = value.time
                case .reading:
                    values[field] = value.number ?? .nan
                    field &+= 1
                }
            }
            let end = UnsafeRawBufferPointer(rebasing: text[endStart...])
            return bytes.count - cursor.position == end.count
                && ByteComparison.areSame(end, bytes, from: cursor.position, count: end.count)
        }
    }
}

extension JSONCursor {
    /// A number, a literal, or a text without backslashes.
    fileprivate enum Scalar {
        case number(Double)
        case flag(Bool)
        case text(UnsafeRawBufferPointer)
        case null

        /// As `JSONValue.number`.
        @inline(__always)
        var number: Double? {
            switch self {
            case .number(let number): number.isFinite ? number : nil
            case .flag(let flag): flag ? 1 : 0
            case .text(let text): TextValue(text).number
            case .null: nil
            }
        }

        /// As `JSONValue.writtenTime`.
        var time: WrittenTime? {
            switch self {
            case .number(let number): WrittenTime(epoch: number)
            case .text(let text): WrittenTime(text)
            case .flag, .null: nil
            }
        }
    }

    /// Reads the scalar at `position`. A text with backslashes, an object or an array is `unexpected`.
    @inline(__always)
    fileprivate mutating func scalar() throws(JSONFault) -> Scalar {
        switch next {
        case UInt8(ascii: "\""):
            let start = position &+ 1
            position = start
            if try skipString() { throw unexpected }
            return .text(UnsafeRawBufferPointer(rebasing: bytes[start..<position &- 1]))
        case UInt8(ascii: "t"):
            try skipLiteral("true")
            return .flag(true)
        case UInt8(ascii: "f"):
            try skipLiteral("false")
            return .flag(false)
        case UInt8(ascii: "n"):
            try skipLiteral("null")
            return .null
        default: return .number(try number())
        }
    }
}
