import Readings

extension Convention {
    public static let ruuvi = Convention(rawValue: "ruuvi")
}

/// A Ruuvi Gateway: `<prefix>/<gateway's MAC>/<tag's MAC>` with the Bluetooth advertisement that it heard, and
/// `<prefix>/<gateway's MAC>/gw_status`. The prefix is `ruuvi` unless the owner has chosen another.
struct Ruuvi: ConventionDecoder {
    let convention = Convention.ruuvi

    private enum Role: UInt8 {
        case tag, status
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        let count = levels.count
        guard count >= 2, Ruuvi.isAddress(levels[count - 2]) else { return nil }
        if topic.last == "gw_status" {
            return TopicPlan(role: Role.status.rawValue, device: String(levels[count - 2]))
        }
        guard Ruuvi.isAddress(topic.last) else { return nil }
        return TopicPlan(role: Role.tag.rawValue, device: String(topic.last))
    }

    /// Six bytes in hexadecimal, with colons between them.
    private static func isAddress(_ level: Substring) -> Bool {
        guard level.utf8.count == 17 else { return false }
        return level.utf8.enumerated().allSatisfy { index, byte in
            index % 3 == 2 ? byte == UInt8(ascii: ":") : JSONText.hexDigit(byte) != nil
        }
    }

    func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        if Role(rawValue: plan.role) == .status {
            guard let available = Availability.parse(payload) else { return .notMine }
            message.add(DeviceState(device: plan.device, available: available))
            return .done
        }
        guard case .json(let json) = payload, let data = json["data"], data.kind == .string else { return .notMine }
        let time = time(of: json, arrival: arrival, context: &context)
        data.withText { hexadecimal in
            // Of other makers' devices, phones with ever new addresses among them, there is nothing to keep.
            guard let advertisement = RuuviAdvertisement(hexadecimal: hexadecimal) else { return }
            advertisement.forEachField { metric, value, unit in
                message.add(value, unit: unit, of: metric, device: plan.device, deviceTime: time, arrival: arrival)
            }
            if let rssi = json["rssi"]?.number {
                message.add(
                    rssi, unit: .decibelMilliwatt, of: "rssi", device: plan.device, deviceTime: time, arrival: arrival)
            }
        }
        return .done
    }

    /// When the gateway heard the tag, else when it said so.
    private func time(of json: JSONValue, arrival: Arrival, context: inout DecodingContext) -> Timestamp? {
        for written in [json["ts"]?.writtenTime, json["gwts"]?.writtenTime] {
            guard let written, let time = context.clock.believed(written, receivedAt: arrival.receivedAt) else {
                continue
            }
            return time
        }
        return nil
    }
}
