import PayloadDecoders
import TestSupport

/// How much a message may hold: mostly little, so that there can be many.
struct MessageSize {
    var bytes: Int
    var values: Int
    var isLarge: Bool { values >= 8000 }

    static func draw(_ random: inout SeededGenerator, isDescription: Bool) -> MessageSize {
        if random.isOne(in: 500) {
            if isDescription, random.isOne(in: 8) {
                return MessageSize(bytes: DecoderLimits.metadataPayloadBytes - 1000, values: 100_000)
            }
            return MessageSize(bytes: DecoderLimits.payloadBytes - 600, values: 8000)
        }
        return random.isOne(in: 30) ? MessageSize(bytes: 4000, values: 300) : MessageSize(bytes: 300, values: 8)
    }
}
