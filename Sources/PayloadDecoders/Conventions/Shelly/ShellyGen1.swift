import Readings

extension Convention {
    /// Shelly devices of the first generation.
    public static let shellyGen1 = Convention(rawValue: "shelly-gen1")
}

/// `shellies/<id>/<component>/…` with one value a topic; `info`, `status` and the states of lamps are JSON.
struct ShellyGen1: ConventionDecoder {
    let convention = Convention.shellyGen1

    private enum Role: UInt8 {
        case value, availability, announcement
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels[0] == "shellies", levels.count >= 2 else { return nil }
        if levels.count == 2 {
            return levels[1] == "announce" ? TopicPlan(role: Role.announcement.rawValue, device: topic.text) : .ignored
        }
        let end = ShellyGen1.endOfDevice(in: levels)
        let device = topic.joined(1..<end)
        let words = levels[end...].map { SnakeCase.word(String($0)) }
        switch levels[end] {
        case "online" where words.count == 1: return TopicPlan(role: Role.availability.rawValue, device: device)
        case "announce" where words.count == 1: return TopicPlan(role: Role.announcement.rawValue, device: device)
        // Configuration, the Wi-Fi's password in it.
        case "settings": return .ignored
        default: break
        }
        // A copy in another unit.
        if words.contains(where: { $0.hasSuffix("temperature_f") }) { return .ignored }
        if levels[end...].contains(where: ShellyGen1.commands.contains) { return .ignored }
        var plan = TopicPlan(
            role: Role.value.rawValue, device: device, metric: SnakeCase.metric(words.joined(separator: "_")))
        let named = words.last { !ASCII.areDigits($0.utf8) }
        plan.unit = named.flatMap { ShellyGen1Rules.unit(of: $0, in: words[0]) }
        return plan
    }

    private static let commands: Set<Substring> = ["command", "set", "start_self_test", "mute", "unmute"]

    /// The device's id is one level, unless its owner has put a slash into it: then it ends where a component begins.
    private static func endOfDevice(in levels: [Substring]) -> Int {
        levels.indices.dropFirst(2).first { components.contains(levels[$0]) } ?? 2
    }

    private static let components: Set<Substring> = [
        "adc", "announce", "charger", "color", "command", "emeter", "emeter_n", "ext_humidities", "ext_humidity",
        "ext_switch", "ext_temperature", "ext_temperature_f", "ext_temperatures", "ext_temperatures_f", "info",
        "input", "input_event", "light", "loaderror", "longpush", "online", "overload", "overpower",
        "overpower_value", "overtemperature", "relay", "roller", "sensor", "settings", "status", "temperature",
        "temperature_f", "temperature_status", "thermostat", "thermostats", "totalworktime", "valve", "voltage",
        "white",
    ]

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        switch (Role(rawValue: plan.role), payload) {
        case (.availability, _):
            guard let available = Availability.flag(payload) else { break }
            message.add(DeviceState(device: plan.device, available: available))
        case (.announcement, .json(let json)):
            // On the topic that all devices share only the message says whose it is.
            let isShared = plan.device == "shellies/announce"
            guard let device = isShared ? json["id"]?.text : plan.device else { break }
            message.add(
                DeviceState(
                    device: CanonicalText.composed(device), name: json["name"]?.text, model: json["model"]?.text,
                    manufacturer: "Shelly"))
        case (.announcement, .text): break
        case (.value, .json(let json)):
            let rules = ShellyGen1Rules(json, under: plan.metric, units: plan.units)
            let walk = FieldWalk(device: plan.device, arrival: arrival, rules: rules)
            walk.read(json, at: nil, context: &context, into: &message)
        case (.value, .text(let text)):
            switch PlainPayload(text) {
            case .value(let value):
                // The owner chooses the unit of a temperature; only discovery may know which it is.
                let unit = plan.unit == .celsius ? plan.units.discovered[""] ?? .celsius : plan.unit
                message.add(
                    value, unit: unit ?? plan.units.discovered[""], of: plan.metric, device: plan.device,
                    deviceTime: nil, arrival: arrival)
            case .noValue, .text: break
            case .notUTF8(let position): message.refuse(.invalidUTF8, "no UTF-8 at byte \(position)")
            }
        case (nil, _): return .notMine
        }
        return .done
    }
}
