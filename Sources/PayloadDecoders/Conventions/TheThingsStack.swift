import Readings

extension Convention {
    /// The Things Stack's integration over MQTT: LoRaWAN devices.
    public static let theThingsStack = Convention(rawValue: "thethingsstack")
}

/// `v3/<application>[@<tenant>]/devices/<id>/up` with the message that a payload formatter has decoded. What else comes
/// below `devices` — joins, downlinks, normalised copies — is no measurement.
struct TheThingsStack: ConventionDecoder {
    let convention = Convention.theThingsStack

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        guard levels.count >= 5, levels[0] == "v3", levels[2] == "devices" else { return nil }
        guard levels.count == 5, levels[4] == "up" else { return .ignored }
        return TopicPlan(device: String(levels[3]))
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard case .json(let json) = payload, json.isObject else {
            message.refuse(.notJSON, "an uplink message must be a JSON object")
            return .done
        }
        guard let uplink = json["uplink_message"] else { return .done }
        addModel(uplink["version_ids"], of: plan.device, into: &message)
        // Without a payload formatter there are only the device's own bytes.
        guard let decoded = uplink["decoded_payload"], decoded.isObject else { return .done }
        let time = (json["received_at"]?.writtenTime)
            .map { context.clock.read($0, receivedAt: arrival.receivedAt) }
        let walk = FieldWalk(device: plan.device, arrival: arrival, rules: Rules())
        walk.read(decoded, at: time, context: &context, into: &message)
        addLink(uplink["rx_metadata"], unlessIn: decoded, of: plan.device, at: time, arrival: arrival, into: &message)
        return .done
    }

    /// Times inside belong to whatever the formatter's author meant by them.
    private struct Rules: FieldRules {
        var readsTimes: Bool { false }

        var tree: FieldTree.Name { FieldTree.Name(rules: .theThingsStack) }

        func unit(of metric: String, path: [String]) -> FieldUnit { .known(nil) }
    }

    /// The link to the gateway that heard the device best.
    private func addLink(
        _ gateways: JSONValue?, unlessIn decoded: JSONValue, of device: String, at time: DeviceTime?, arrival: Arrival,
        into message: inout DecodedMessage
    ) {
        guard let gateways else { return }
        var best: (rssi: Double, snr: Double?)?
        for gateway in gateways.elements {
            guard let rssi = gateway["rssi"]?.number else { continue }
            if let best, best.rssi >= rssi { continue }
            best = (rssi, gateway["snr"]?.number)
        }
        guard let best else { return }
        if decoded["rssi"] == nil {
            message.add(
                best.rssi, unit: .decibelMilliwatt, of: "rssi", device: device, deviceTime: time, arrival: arrival)
        }
        if let snr = best.snr, decoded["snr"] == nil {
            message.add(snr, unit: .decibel, of: "snr", device: device, deviceTime: time, arrival: arrival)
        }
    }

    /// From the LoRaWAN Device Repository, if the device was registered with it.
    private func addModel(_ version: JSONValue?, of device: String, into message: inout DecodedMessage) {
        guard let version, let model = version["model_id"]?.text else { return }
        message.add(DeviceState(device: device, model: model, manufacturer: version["brand_id"]?.text))
    }
}
