import PayloadDecoders
import Readings

/// A household's decoders, and what is wrong with their answers.
struct RegistryUnderAttack {
    private var registry: DecoderRegistry
    private var answer = DecodedMessage()
    private(set) var digest = AnswerDigest()
    private(set) var readings: UInt64 = 0
    private(set) var refused: UInt64 = 0

    init(zone: HouseholdZone, mappings: MappingSet) {
        registry = DecoderRegistry(zone: zone, mappings: mappings)
    }

    mutating func take(_ message: HostileMessage) {
        message.payload.withUnsafeBytes { bytes in
            registry.decode(
                Message(
                    topic: message.topic, payload: bytes, retained: message.retained, receivedAt: message.receivedAt),
                into: &answer)
        }
    }

    /// What is wrong with the answer to the message taken last.
    mutating func fault(after message: HostileMessage) -> String? {
        digest.add(answer)
        readings += UInt64(answer.readings.count)
        if answer.refusal != nil { refused += 1 }
        return AnswerRules.fault(in: answer, to: message)
    }

    /// What is remembered beyond its limit.
    var overgrowth: String? { registry.remembered.first { $0.count > $0.limit }.map { "\($0)" } }
}
