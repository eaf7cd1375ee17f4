import Readings

/// Reads the fields of a JSON value as readings of one device: the keys on the way to a field, joined, are its metric.
struct FieldWalk<Rules: FieldRules> {
    private let device: String
    private let arrival: Arrival
    private let rules: Rules
    private let root: String
    private var path: [String] = []

    /// - Parameter root: what all metrics begin with; nothing by default.
    init(device: String, arrival: Arrival, rules: Rules, under root: String = "") {
        self.device = device
        self.arrival = arrival
        self.rules = rules
        self.root = root
    }

    /// Adds the readings of an object or array.
    ///
    /// - Parameter time: when they were measured, if what is around `value` tells it. An object's own time goes before.
    mutating func read(
        _ value: JSONValue, at time: DeviceTime?, context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        readValue(value, named: root, at: time, context: &context, into: &message)
    }

    private mutating func readValue(
        _ value: JSONValue, named name: String, at time: DeviceTime?, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        switch value.kind {
        case .object:
            var own = time
            if rules.readsTimes {
                let told = value.ownTime(receivedAt: arrival.receivedAt, context: &context)
                own = DeviceTime.better(told, time)
            }
            for (key, member) in value.members {
                let field = key.field(&context.keys)
                guard field.role == .field, !rules.leavesOut(field.word, in: path) else { continue }
                if member.isObject, rules.isEnvelope(field.word, in: path) {
                    readValue(member, named: name, at: own, context: &context, into: &message)
                    continue
                }
                // Nothing below it can have a shorter name: many such would cost the square of a message's size.
                guard name.isEmpty || name.utf8.count + field.word.utf8.count < DecoderLimits.nameBytes else {
                    continue
                }
                path.append(field.word)
                let memberName = name.isEmpty ? field.word : name + "_" + field.word
                readValue(member, named: memberName, at: own, context: &context, into: &message)
                path.removeLast()
            }
        case .array:
            guard value.count <= DecoderLimits.arrayElements else { return }
            for (index, element) in value.elements.enumerated() {
                let elementName = name.isEmpty ? String(index) : "\(name)_\(index)"
                readValue(element, named: elementName, at: time, context: &context, into: &message)
            }
        case .string, .number, .true, .false, .null, .key:
            guard let number = value.number else { return }
            let metric = SnakeCase.metric(name)
            message.add(
                number, unit: rules.unit(of: metric, path: path, value: number), of: metric, device: device,
                deviceTime: time, arrival: arrival)
        }
    }
}

extension JSONValue {
    /// The time that the members of an object give. One that can be believed goes before others, and what is certain (an
    /// epoch, or a time with a zone) before what depends on the household's zone.
    func ownTime(receivedAt: Timestamp, context: inout DecodingContext) -> DeviceTime? {
        var best: (rank: Int, time: DeviceTime)?
        for (key, member) in members {
            guard case .time(var rank) = key.field(&context.keys).role, let written = member.writtenTime else {
                continue
            }
            if case .local = written { rank += 1000 }
            if let best, best.time.isBelievable, best.rank <= rank { continue }
            let time = context.clock.read(written, receivedAt: receivedAt)
            if let best, !time.isBelievable, best.time.isBelievable || best.rank <= rank { continue }
            best = (rank, time)
        }
        return best?.time
    }
}
