/// Payloads that nothing can be read from.
enum Garbage {
    /// More than any sensor has to say.
    private static let hugeSize = 200_000

    /// A message on the same topic as `publication`, which means nothing.
    static func instead(of publication: Publication, using generator: inout SplitMix64) -> Publication {
        Publication(publication.topic, bytes: payload(insteadOf: publication.payload, using: &generator))
    }

    private static func payload(insteadOf payload: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        let choice = generator.next() % 7
        switch choice {
        // Cut off, as Tasmota cuts at its packet size. Half of a number alone would still be one.
        case 0 where payload.first == UInt8(ascii: "{") || payload.first == UInt8(ascii: "["):
            return Array(payload.dropLast(payload.count / 2))
        case 1: return Array(#"{"name":""#.utf8) + [0xC3, 0x28, 0xFF] + Array(#""}"#.utf8)
        case 2: return Array(#"{"temperature":NaN}"#.utf8)
        case 3: return Array(repeating: UInt8(ascii: "["), count: 5_000)
        case 4: return [0xFF] + (0..<63).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        case 5:
            return Array(#"{"note":""#.utf8) + Array(repeating: UInt8(ascii: "x"), count: hugeSize) + Array(#""}"#.utf8)
        default: return Array(#"{"temperature":1e999,"humidity":"wet"}"#.utf8)
        }
    }
}
