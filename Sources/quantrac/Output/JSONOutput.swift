import Foundation

/// JSON for programs: keys sorted, times and numbers canonical, nothing in it that could steer a terminal.
enum JSONOutput {
    static func text(_ value: some Encodable, pretty: Bool) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        return PlainText.escapedInJSON(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
