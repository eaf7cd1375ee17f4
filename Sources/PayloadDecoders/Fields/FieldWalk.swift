import Readings

/// Reads the fields of a JSON value as readings of one device: the keys on the way to a field, joined, are its metric.
struct FieldWalk<Rules: FieldRules> {
    private let device: String
    private let arrival: Arrival
    private let rules: Rules

    init(device: String, arrival: Arrival, rules: Rules) {
        self.device = device
        self.arrival = arrival
        self.rules = rules
    }

    /// Adds the readings of an object or array.
    ///
    /// - Parameter time: when they were measured, if what is around `value` tells it. An object's own time goes before.
    func read(
        _ value: JSONValue, at time: DeviceTime?, context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        if context.trace.isOn { context.trace.enter(device) }
        let root = context.fields.root(rules.tree)
        readValue(value, of: root, at: time, context: &context, into: &message)
        context.fields.forget(root)
    }

    private func readValue(
        _ value: JSONValue, of node: Int, at time: DeviceTime?, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        switch value.kind {
        case .object:
            var own = time
            if rules.readsTimes, value.mayTellTime {
                if context.trace.isOn { context.trace.noteTimes(of: value, keys: context.keys) }
                let told = value.ownTime(receivedAt: arrival.receivedAt, context: &context)
                own = DeviceTime.better(told, time)
            }
            readMembers(of: value, of: node, at: own, context: &context, into: &message)
        case .array:
            guard value.count <= DecoderLimits.arrayElements else { return }
            var previous = node
            for (index, element) in value.elements.enumerated() {
                let child =
                    context.fields.known(FieldTree.key(ofElement: index), in: node, after: previous)
                    ?? context.fields.add(element: index, in: node, by: rules)
                if context.fields.use(of: child) == .field {
                    readValue(element, of: child, at: time, context: &context, into: &message)
                }
                if context.fields.forget(child) { continue }
                previous = child
            }
        case .string, .number, .true, .false, .null, .key:
            // What has no name is no reading.
            let told = context.fields.unit(of: node).told(by: rules)
            let field = context.fields.field(of: node, in: told.unit(of: 0))
            if field.metric.isEmpty { return }
            if context.trace.isOn { context.trace.note(FieldTrace.Note(value: value.index, field: field, unit: told)) }
            guard let number = value.number, let time = ReadingTime(time, arrival: arrival) else { return }
            let unit = told.unit(of: number)
            message.add(
                unit?.converted(number) ?? number, of: context.fields.field(of: node, in: unit), device: device, at: time)
        }
    }

    private func readMembers(
        of object: JSONValue, of node: Int, at time: DeviceTime?, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        var previous = node
        for (key, member) in object.members {
            let child =
                context.fields.known(key.number, in: node, after: previous)
                ?? context.fields.add(key.number, key.field(context.keys), in: node, by: rules)
            switch context.fields.use(of: child) {
            case .skipped: break
            case .envelope where member.isObject:
                readValue(member, of: node, at: time, context: &context, into: &message)
            case .field, .envelope:
                readValue(member, of: child, at: time, context: &context, into: &message)
            }
            if context.fields.forget(child) { continue }
            previous = child
        }
    }
}

extension JSONValue {
    /// The time that the members of an object give. One that can be believed goes before others, and what is certain (an
    /// epoch, or a time with a zone) before what depends on the household's zone.
    func ownTime(receivedAt: Timestamp, context: inout DecodingContext) -> DeviceTime? {
        var best: (rank: Int, time: DeviceTime)?
        guard mayTellTime else { return nil }
        for (key, member) in members where context.keys.marks(of: key.number).contains(.time) {
            guard case .time(var rank) = key.field(context.keys).role, let written = member.writtenTime else {
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
