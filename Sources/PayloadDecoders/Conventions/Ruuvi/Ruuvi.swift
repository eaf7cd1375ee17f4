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
        guard case .json(let json) = payload, json["gw_mac"] != nil,
            json["data"] != nil || json["dataFormat"] != nil
        else { return .notMine }
        let time = time(of: json, arrival: arrival, context: &context)
        func add(_ metric: String, _ value: Double, _ unit: CanonicalUnit?) {
            message.add(value, unit: unit, of: metric, device: plan.device, deviceTime: time, arrival: arrival)
        }
        // Of other makers' devices, phones with ever new addresses among them, there is nothing to keep.
        var isRuuvi = json["dataFormat"]?.number != nil
        if let data = json["data"], data.kind == .string {
            data.withText { hexadecimal in
                guard let advertisement = RuuviAdvertisement(hexadecimal: hexadecimal) else { return }
                isRuuvi = true
                advertisement.forEachField(add)
            }
        }
        if message.readings.isEmpty {
            for field in Ruuvi.decodedFields {
                if let value = json[field.key]?.number { add(field.metric, value, field.unit) }
            }
        }
        if isRuuvi, let rssi = json["rssi"]?.number { add("rssi", rssi, .decibelMilliwatt) }
        return .done
    }

    /// What the gateway calls the fields when it has been told to decode the advertisement itself.
    private static let decodedFields: [(key: StaticString, metric: String, unit: CanonicalUnit?)] = [
        ("temperature", "temperature", .celsius), ("humidity", "humidity", .percent), ("pressure", "pressure", .pascal),
        ("accelX", "acceleration_x", .gForce), ("accelY", "acceleration_y", .gForce),
        ("accelZ", "acceleration_z", .gForce), ("voltage", "battery_voltage", .volt),
        ("txPower", "tx_power", .decibelMilliwatt), ("movementCounter", "movement_counter", nil),
        ("measurementSequenceNumber", "measurement_sequence", nil),
        ("PM1.0", "pm1_0", .microgramPerCubicMetre), ("PM2.5", "pm2_5", .microgramPerCubicMetre),
        ("PM4.0", "pm4_0", .microgramPerCubicMetre), ("PM10.0", "pm10_0", .microgramPerCubicMetre),
        ("CO2", "co2", .partsPerMillion), ("VOC", "voc", nil), ("NOx", "nox", nil), ("luminosity", "luminosity", .lux),
    ]

    /// When the gateway heard the tag, else when it said so.
    private func time(of json: JSONValue, arrival: Arrival, context: inout DecodingContext) -> DeviceTime? {
        let heard = json["ts"]?.writtenTime.map { context.clock.read($0, receivedAt: arrival.receivedAt) }
        if let heard, heard.isBelievable { return heard }
        let said = json["gwts"]?.writtenTime.map { context.clock.read($0, receivedAt: arrival.receivedAt) }
        return DeviceTime.better(heard, said)
    }
}
