import Glibc
import PayloadDecoders
import Readings

@testable import PublishReadings

/// Reads publications as the daemon would, in the order in which they were published.
struct Reader {
    /// 2026-11-23T08:00:00Z, a Monday.
    static let now: Int64 = 1_795_420_800_000

    private var registry: DecoderRegistry
    private var decoded = DecodedMessage()

    init() {
        // The publisher writes local times in the machine's zone.
        setenv("TZ", "UTC0", 1)
        tzset()
        registry = DecoderRegistry(zone: .utc)
    }

    /// - Parameter retained: as at a subscription; otherwise as when they are published, where no flag is set.
    mutating func read(
        _ publication: Publication, at time: Int64 = Reader.now, retained: Bool = false
    ) -> DecodedMessage {
        publication.payload.withUnsafeBytes {
            let message = Message(
                topic: publication.topic, payload: $0, retained: retained,
                receivedAt: Timestamp(milliseconds: time))
            registry.decode(message, into: &decoded)
        }
        return decoded
    }
}

extension DecodedMessage {
    /// What of `meant` is not among the readings, in words; empty if all is.
    func missing(_ meant: [MeantReading], arrival: Int64) -> [String] {
        meant.compactMap { wanted -> String? in
            let found = readings.contains { reading in
                // Conversions of units round.
                let isSame = (reading.value - wanted.value).magnitude <= 1e-9 * max(1, wanted.value.magnitude)
                return reading.device == wanted.device && reading.metric == wanted.metric && isSame
                    && reading.unit == wanted.unit && reading.time.milliseconds == wanted.time ?? arrival
            }
            let got = readings.map { "\($0.device) \($0.metric) \($0.value) \($0.unit ?? "-") \($0.time.milliseconds)" }
            return found ? nil : "\(wanted) is not among \(got), refused: \(String(describing: refusal))"
        }
    }
}
