import Readings

/// What the reading of a message shows of its form: which values are readings of which fields, and which is their time.
struct FieldTrace: Sendable {
    struct Note: Sendable {
        /// The index of the value's token.
        let value: Int
        let field: ReadingField
        let unit: FieldUnit
    }

    private var device: String?
    /// Whether there was more to the message than the values of fields.
    private var isVoid = false
    private(set) var readings: [Note] = []
    /// The value that told a time, and the object whose time it is.
    private(set) var time: (object: Int, value: Int)?

    /// Whether anybody wants to know.
    var isOn: Bool { device != nil }

    /// - Parameter device: whose readings are looked for.
    mutating func begin(_ device: String) {
        self.device = device
        isVoid = false
        readings.removeAll(keepingCapacity: true)
        time = nil
    }

    mutating func end() {
        device = nil
    }

    /// To be called where values decide on anything but the fields that they stand in.
    mutating func makeVoid() {
        isVoid = true
    }

    mutating func enter(_ device: String) {
        if device != self.device { isVoid = true }
    }

    mutating func note(_ reading: Note) {
        readings.append(reading)
    }

    /// Notes the times that members of an object tell.
    mutating func noteTimes(of object: JSONValue, keys: FieldKeyTable) {
        for (key, member) in object.members where !member.isObject && !member.isArray {
            guard case .time = key.field(keys).role else { continue }
            // Which of several counts depends on what they say.
            if time != nil { isVoid = true }
            time = (object.index, member.index)
        }
    }

    /// Whether the next message in the same form can be read by this.
    func isSound(in json: JSONValue) -> Bool {
        if isVoid || readings.isEmpty { return false }
        guard zip(readings, readings.dropFirst()).allSatisfy({ $0.value < $1.value }) else { return false }
        guard let time, let first = readings.first, let last = readings.last else { return true }
        let object = JSONValue(bytes: json.bytes, tokens: json.tokens, index: time.object)
        return first.value > object.index && last.value < object.end
    }
}
