import Readings

extension Convention {
    /// OpenMQTTGateway and Theengs Gateway.
    public static let openMQTTGateway = Convention(rawValue: "openmqttgateway")
}

/// `<base>/<gateway>/BTtoMQTT/<MAC>` and its siblings, `<base>/<gateway>/SYStoMQTT` of the gateway itself, `…/LWT`.
///
/// A device is named without its gateway, since two gateways may hear it.
struct OpenMQTTGateway: ConventionDecoder {
    let convention = Convention.openMQTTGateway

    private enum Role: UInt8 {
        case bluetooth
        /// A device whose topic does not name it.
        case nameless
        case radio
        case lora
        case system
        case availability
    }

    private static let sources: [Substring: Role] = [
        "BTtoMQTT": .bluetooth, "RTL_433toMQTT": .radio, "LORAtoMQTT": .lora, "SYStoMQTT": .system,
    ]

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let last = levels.count - 1
        guard last >= 1 else { return nil }
        if levels[last] == "LWT" {
            return TopicPlan(isNative: false, role: Role.availability.rawValue, device: String(levels[last - 1]))
        }
        for (position, level) in levels.enumerated() where position > 0 {
            guard let role = OpenMQTTGateway.sources[level] else { continue }
            let gateway = String(levels[position - 1])
            switch role {
            case .bluetooth where position == last:
                return TopicPlan(role: Role.nameless.rawValue, device: gateway)
            case .system: return TopicPlan(role: role.rawValue, device: gateway)
            case .lora where position == last: return TopicPlan(role: role.rawValue, device: gateway)
            default: return TopicPlan(role: role.rawValue, device: String(levels[last]))
            }
        }
        return nil
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        let role = Role(rawValue: plan.role)
        if role == .availability {
            guard let available = Availability.parse(payload) else { return .notMine }
            message.add(DeviceState(device: plan.device, available: available))
            return .done
        }
        guard case .json(let json) = payload, json.isObject else {
            message.refuse(.notJSON, "OpenMQTTGateway sends a JSON object on this topic")
            return .done
        }
        switch role {
        case .bluetooth, .lora, .system:
            read(json, of: plan.device, isGateway: role == .system, arrival, context: &context, into: &message)
        case .nameless:
            // Without an address it is the gateway's configuration.
            guard let address = json["id"]?.text else { break }
            let device = address.filter { $0 != ":" }
            if let fault = SafeName.fault(in: device) {
                message.refuse(.invalidName, "\(fault)")
                break
            }
            read(json, of: device, isGateway: false, arrival, context: &context, into: &message)
        case .radio:
            guard let event = RTL433Event(json) else { break }
            if let fault = SafeName.fault(in: event.device) {
                message.refuse(.invalidName, "\(fault)")
                break
            }
            event.read(json, arrival: arrival, context: &context, into: &message)
        case .availability, nil: break
        }
        return .done
    }

    private func read(
        _ json: JSONValue, of device: String, isGateway: Bool, _ arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        let rules = TheengsRules(pressure: json["model_id"]?.text == "TPMS" ? .bar : .hectopascal)
        let walk = FieldWalk(device: device, arrival: arrival, rules: rules)
        walk.read(json, at: nil, context: &context, into: &message)
        if isGateway { return }
        let state = DeviceState(
            device: device, name: json["name"]?.text, model: json["model"]?.text, manufacturer: json["brand"]?.text)
        if state != DeviceState(device: device) { message.add(state) }
    }
}

/// The keys that Theengs Decoder gives to what beacons send (decoder.theengs.io, "Properties"), and those of the gateway.
struct TheengsRules: FieldRules {
    /// Most say hPa; pressure sensors in tyres say bar.
    var pressure: CanonicalUnit

    var tree: FieldTree.Name { FieldTree.Name(rules: .theengs) }

    func leavesOut(_ word: String, in path: [String]) -> Bool {
        path.isEmpty && (TheengsRules.descriptions.contains(word) || TheengsRules.stem(word) == "tempf")
    }

    func unit(of metric: String, path: [String]) -> FieldUnit {
        guard path.count == 1 else { return .known(nil) }
        let stem = TheengsRules.stem(metric)
        return stem == "pres" ? .told(.pressure, otherwise: nil) : .known(TheengsRules.units[String(stem)])
    }

    func unit(_ question: FieldUnit.Question) -> CanonicalUnit? { pressure }

    /// Probes of a kind are numbered: tempc2.
    private static func stem(_ word: String) -> Substring {
        var stem = word[...]
        while let digit = stem.utf8.last, (0x30...0x39).contains(digit) { stem.removeLast() }
        return stem.last == "_" ? stem.dropLast() : stem
    }

    /// What kind of device it is, how it may be reached, and raw bytes, whose hexadecimal may look like a number.
    private static let descriptions: Set<String> = [
        "cidc", "acts", "cont", "track", "encr", "prmac", "ctrl", "type", "mac_type", "adv_type", "mfid", "major",
        "minor",
        "servicedata", "servicedatauuid", "manufacturerdata", "name", "brand", "model", "model_id", "mode_uuid",
        "hex", "raw", "message", "modules",
    ]

    private static let units: [String: CanonicalUnit] = [
        "tempc": .celsius, "hum": .percent, "batt": .percent, "moi": .percent, "volt": .volt, "lux": .lux,
        "rssi": .decibelMilliwatt, "distance": .metre, "fer": CanonicalUnit("µS/cm"), "uptime": .second,
        "free_mem": .byte, "freemem": .byte,
    ]
}
