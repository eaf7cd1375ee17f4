import PayloadDecoders
import Readings

/// A number that two runs share if all their answers were the same: FNV-1a (RFC 9923), 64 bits, in no need of a secret.
struct AnswerDigest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ answer: DecodedMessage) {
        add(answer.convention?.rawValue ?? "-")
        for reading in answer.readings {
            add(reading.device)
            add(reading.metric)
            add(reading.value.bitPattern)
            add(reading.unit ?? "-")
            add(UInt64(bitPattern: reading.time.milliseconds))
            add(reading.timeIsDevices ? 1 : 0)
            for label in reading.labels {
                add(label.name)
                add(label.value)
            }
        }
        for state in answer.states {
            add(state.device)
            add(state.available == nil ? 2 : state.available == true ? 1 : 0)
            for text in [state.name, state.model, state.manufacturer, state.room] { add(text ?? "-") }
        }
        add(answer.refusal?.reason.rawValue ?? "-")
        add(answer.refusal?.detail ?? "-")
    }

    mutating func add(_ labels: Labels) {
        for label in labels.sorted {
            add(label.name)
            add(label.value)
        }
    }

    mutating func add(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { addByte(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { addByte(byte) }
        addByte(0xFF)
    }

    private mutating func addByte(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
