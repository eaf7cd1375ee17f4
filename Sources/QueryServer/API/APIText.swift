import Hummingbird

/// The parts that answers of the API are made of.
extension ByteBuffer {
    /// A member of the envelope that is a list of texts, with the comma before it; nothing if there are none.
    mutating func writeTexts(_ name: StaticString, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        writeStaticString(",\"")
        writeStaticString(name)
        writeStaticString("\":[")
        for (index, text) in texts.enumerated() {
            if index > 0 { writeStaticString(",") }
            writeJSONString(text)
        }
        writeStaticString("]")
    }
}
