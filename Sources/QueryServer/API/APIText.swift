import Hummingbird
import Readings

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

    /// A set of labels as an object of strings.
    mutating func writeJSON(_ labels: [Label]) {
        writeStaticString("{")
        for (index, label) in labels.enumerated() {
            if index > 0 { writeStaticString(",") }
            writeJSONString(label.name)
            writeStaticString(":")
            writeJSONString(label.value)
        }
        writeStaticString("}")
    }

    /// A sample as `[seconds,"value"]`.
    mutating func writePoint(_ sample: Sample) {
        writeStaticString("[")
        writeJSONSeconds(milliseconds: sample.time.milliseconds)
        writeStaticString(",")
        writeSampleValue(sample.value)
        writeStaticString("]")
    }
}
