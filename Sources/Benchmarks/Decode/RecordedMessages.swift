import Glibc
import PayloadDecoders
import Readings

/// Messages of many devices, made before the clock runs: their payloads lie one behind the other.
struct RecordedMessages {
    static let arrival = Timestamp(milliseconds: 1_795_420_800_000)

    private let topics: [String]
    private let payloads: [UInt8]
    private let ranges: [Range<Int>]
    private let announcements: [(topic: String, payload: [UInt8])]

    var count: Int { topics.count }
    var payloadBytes: Int { payloads.count }

    /// One message of each device of each kind: first the first devices of all kinds, then the second ones.
    init(_ kinds: [MessageKind], devices: Int, seed: UInt64) {
        var values = MessageKind.Values(seed: seed)
        var topics: [String] = []
        var payloads: [UInt8] = []
        var ranges: [Range<Int>] = []
        for device in 0..<devices {
            for kind in kinds {
                topics.append(kind.topic(device))
                let payload = kind.payload(device, &values).utf8
                ranges.append(payloads.count..<payloads.count + payload.count)
                payloads += payload
            }
        }
        self.topics = topics
        self.payloads = payloads
        self.ranges = ranges
        announcements = kinds.compactMap(\.announcement).map { ($0.topic, Array($0.payload(0..<devices).utf8)) }
    }

    /// Tells `registry` what bridges tell of their devices.
    func announce(to registry: inout DecoderRegistry) {
        var decoded = DecodedMessage()
        for (topic, payload) in announcements {
            payload.withUnsafeBytes { bytes in
                registry.decode(
                    Message(topic: topic, payload: bytes, retained: true, receivedAt: RecordedMessages.arrival),
                    into: &decoded)
            }
        }
    }

    /// Decodes every message.
    ///
    /// - Returns: how many readings there are.
    func decode(by registry: inout DecoderRegistry, into decoded: inout DecodedMessage) -> Int {
        var readings = 0
        payloads.withUnsafeBytes { bytes in
            for index in topics.indices {
                let payload = UnsafeRawBufferPointer(rebasing: bytes[ranges[index]])
                registry.decode(
                    Message(
                        topic: topics[index], payload: payload, retained: false, receivedAt: RecordedMessages.arrival),
                    into: &decoded)
                readings += decoded.readings.count
            }
        }
        return readings
    }

    /// The least that reading a message can cost: the C library looks for a byte that is in none of them.
    ///
    /// - Returns: how many messages have it.
    func search() -> Int {
        var found = 0
        payloads.withUnsafeBytes { bytes in
            for range in ranges {
                let payload = UnsafeRawBufferPointer(rebasing: bytes[range])
                if let start = payload.baseAddress, memchr(start, 0, payload.count) != nil { found += 1 }
            }
        }
        return found
    }
}
