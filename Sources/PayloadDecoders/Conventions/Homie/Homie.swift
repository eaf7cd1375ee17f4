import Readings

extension Convention {
    public static let homie = Convention(rawValue: "homie")
}

/// The Homie convention (homieiot.github.io): `homie/<device>/<node>/<property>` with plain text in versions 3 and 4, and
/// `homie/5/<device>/<node>/<property>` in version 5, which describes a device in one JSON document where the older ones
/// have a topic for each attribute.
///
/// The root is `homie`, or whatever has been seen before a device's version or description. A root other than the usual
/// one stays in the names.
struct Homie: ConventionDecoder {
    let convention = Convention.homie

    private enum Role: UInt8 {
        /// A property, and one of a node that is an element of an array (version 3).
        case property, elementProperty
        case statistic, state, online, name, datatype, unit
        /// What gives a root away, which is the plan's metric then.
        case version, description
    }

    private static let usualRoot = "homie"

    private var learnedRoots: Set<String> = []
    private var catalogue = HomieCatalogue()

    var remembered: [Remembered] {
        [Remembered("Homie roots", learnedRoots.count, of: DecoderLimits.homieRoots)] + catalogue.remembered
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let count = levels.count
        // Of a root that nobody knows yet, a device's version or description is enough to be sure.
        if count >= 3, topic.last == "$homie" {
            let root = topic.joined(0..<count - 2)
            return plan(.version, of: levels[count - 2], root: root, metric: root)
        }
        if count == 4, levels[1] == "5", topic.last == "$description" {
            let root = String(levels[0])
            var plan = plan(.description, of: levels[2], root: root, metric: root)
            plan.handling = .readMetadata
            plan.isBinary = false
            return plan
        }
        guard let root = root(of: topic) else { return nil }
        var start = root.utf8.count { $0 == UInt8(ascii: "/") } + 1
        let isVersion5 = count > start && levels[start] == "5"
        if isVersion5 { start += 1 }
        guard count > start + 1, !levels[start].hasPrefix("$") else { return .ignored }
        return plan(for: levels[(start + 1)...], of: levels[start], root: root) ?? .ignored
    }

    /// What the levels behind the device's id mean. Nil if nothing on them is ever a reading: other attributes, commands,
    /// targets, logs.
    private func plan(for rest: ArraySlice<Substring>, of device: Substring, root: String) -> TopicPlan? {
        let rest = Array(rest)
        switch (rest.count, rest[0]) {
        case (1, "$state"): return plan(.state, of: device, root: root)
        case (1, "$online"): return plan(.online, of: device, root: root)
        case (1, "$name"): return plan(.name, of: device, root: root)
        case (2, "$stats"):
            // How often the others come.
            if rest[1] == "interval" { return nil }
            var plan = plan(.statistic, of: device, root: root, metric: Homie.metric(rest))
            plan.unit = Homie.statistics[rest[1]]
            return plan
        default: break
        }
        guard rest.count >= 2, !rest[0].hasPrefix("$"), !rest[1].hasPrefix("$") else { return nil }
        let metric = Homie.metric(rest[..<2])
        switch (rest.count, rest.last) {
        case (2, _):
            var plan = plan(.property, of: device, root: root, metric: metric)
            // `lights_0` is described as `lights`.
            if let separator = rest[0].utf8.lastIndex(of: UInt8(ascii: "_")),
                ASCII.areDigits(rest[0].utf8[separator...].dropFirst())
            {
                plan.role = Role.elementProperty.rawValue
                plan.plainField = TopicPlan.PlainField(
                    device: plan.device, metric: Homie.metric([rest[0][..<separator], rest[1]]))
            }
            return plan
        case (3, "$datatype"): return plan(.datatype, of: device, root: root, metric: metric)
        case (3, "$unit"): return plan(.unit, of: device, root: root, metric: metric)
        default: return nil
        }
    }

    private func plan(_ role: Role, of device: Substring, root: String, metric: String = "") -> TopicPlan {
        // A name or a text may begin like JSON.
        TopicPlan(role: role.rawValue, isBinary: true, device: Homie.named(device, root: root), metric: metric)
    }

    private static func metric(_ levels: some Sequence<Substring>) -> String {
        SnakeCase.metric(levels.map { SnakeCase.word(String($0)) }.joined(separator: "_"))
    }

    /// Version 3, and in version 4 the extension `org.homie.legacy-stats`.
    private static let statistics: [Substring: CanonicalUnit] = [
        "uptime": .second, "signal": .percent, "cputemp": .celsius, "cpuload": .percent, "battery": .percent,
        "freeheap": .byte, "supply": .volt,
    ]

    // MARK: - Messages

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard let role = Role(rawValue: plan.role) else { return .notMine }
        switch payload {
        case .json(let json):
            guard role == .description, json.isObject, json["homie"] != nil else { return .notMine }
            catalogue.describe(plan.device, by: json, context: &context, into: &message) { id in
                Homie.named(id, root: plan.metric)
            }
            return learn(root: plan.metric, into: &message)
        case .text(let text):
            if let position = UTF8Bytes.firstFault(text) {
                message.refuse(.invalidUTF8, "no UTF-8 at byte \(position)")
                return .done
            }
            return read(text, as: role, by: plan, arrival: arrival, into: &message)
        }
    }

    private mutating func read(
        _ text: UnsafeRawBufferPointer, as role: Role, by plan: TopicPlan, arrival: Arrival,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch role {
        case .property, .elementProperty:
            let described =
                catalogue.property(plan.metric, of: plan.device)
                ?? plan.plainField.flatMap { catalogue.property($0.metric, of: $0.device) }
            let property = described ?? HomieProperty()
            guard let value = property.value(text) else { break }
            message.add(
                value, unit: property.unit ?? plan.units.discovered[""], of: plan.metric, device: plan.device,
                deviceTime: nil, arrival: arrival)
        case .statistic:
            guard let value = TextValue(text).number else { break }
            message.add(
                value, unit: plan.unit ?? plan.units.discovered[""], of: plan.metric, device: plan.device,
                deviceTime: nil, arrival: arrival)
        case .state: catalogue.setState(Homie.word(text), of: plan.device, into: &message)
        case .online:
            guard let available = Availability.flag(.text(text)) else { break }
            message.add(DeviceState(device: plan.device, available: available))
        case .name:
            message.add(DeviceState(device: plan.device, name: CanonicalText.composed(Homie.word(text))))
        case .datatype:
            catalogue.change(plan.metric, of: plan.device, into: &message) { $0.tell(datatype: Homie.word(text)) }
        case .unit:
            catalogue.change(plan.metric, of: plan.device, into: &message) { $0.tell(unit: Homie.word(text)) }
        case .version:
            // "3.0.1", "4.0.0".
            guard let first = ASCII.trimmed(text).first, (0x31...0x39).contains(first) else { return .notMine }
            return learn(root: plan.metric, into: &message)
        case .description: return .notMine
        }
        return .done
    }

    /// `text` without blanks around it.
    private static func word(_ text: UnsafeRawBufferPointer) -> String {
        String(decoding: ASCII.trimmed(text), as: UTF8.self)
    }

    // MARK: - Roots

    private func root(of topic: Topic) -> String? {
        if topic.levels[0] == Homie.usualRoot { return Homie.usualRoot }
        return learnedRoots.filter { topic.text.hasPrefix($0 + "/") }.max { $0.utf8.count < $1.utf8.count }
    }

    private static func named(_ id: some StringProtocol, root: String) -> String {
        root == usualRoot ? String(id) : "\(root)/\(id)"
    }

    private mutating func learn(root: String, into message: inout DecodedMessage) -> Verdict {
        if root == Homie.usualRoot || learnedRoots.contains(root) { return .done }
        guard learnedRoots.count < DecoderLimits.homieRoots else {
            message.refuse(.tooMuchMetadata, "more than \(DecoderLimits.homieRoots) Homie root topics")
            return .done
        }
        learnedRoots.insert(root)
        return .learned
    }
}
