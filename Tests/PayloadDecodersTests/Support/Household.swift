import PayloadDecoders
import Readings

/// A household's messages, fed to one registry in the order of a test.
struct Household {
    /// 2026-11-23T08:00:00Z, a Monday.
    static let now = Timestamp(milliseconds: 1_795_420_800_000)

    private var registry: DecoderRegistry
    private var decoded = DecodedMessage()

    init(zone: HouseholdZone = .utc, mappings: MappingSet = .none) {
        registry = DecoderRegistry(zone: zone, mappings: mappings)
    }

    @discardableResult
    mutating func send(
        _ topic: String, _ payload: String, retained: Bool = false, at time: Timestamp = now
    ) -> DecodedMessage {
        send(topic, bytes: Array(payload.utf8), retained: retained, at: time)
    }

    @discardableResult
    mutating func send(
        _ topic: String, bytes: [UInt8], retained: Bool = false, at time: Timestamp = now
    ) -> DecodedMessage {
        bytes.withUnsafeBytes {
            registry.decode(Message(topic: topic, payload: $0, retained: retained, receivedAt: time), into: &decoded)
        }
        return decoded
    }
}

extension DecodedMessage {
    /// Each reading as `device metric value unit`, sorted; without a unit `-`.
    var summary: [String] {
        readings.map { "\($0.device) \($0.metric) \($0.value) \($0.unit ?? "-")" }.sorted()
    }

    /// The times of the readings, of those that are equal one.
    var times: Set<Timestamp> { Set(readings.map(\.time)) }
}

extension Timestamp {
    /// A time of a test's own making.
    static func utc(
        _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0,
        _ millisecond: Int = 0
    ) -> Timestamp? {
        CivilTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, millisecond: millisecond
        )?.timestamp(secondsEastOfUTC: 0)
    }
}
