import PromQL
import Readings

/// Prometheus's remote write, version 1: a protobuf `WriteRequest` in Snappy's block format.
enum RemoteWrite {
    struct Series {
        var labels: Labels
        var samples: [Sample]
    }

    static func request(_ series: [Series]) -> [UInt8] {
        var message: [UInt8] = []
        for one in series {
            var bytes: [UInt8] = []
            for label in one.labels.sorted {
                appendField(1, text(1, label.name) + text(2, label.value), to: &bytes)
            }
            for sample in one.samples {
                var pair: [UInt8] = [1 << 3 | 1]
                withUnsafeBytes(of: sample.value.bitPattern.littleEndian) { pair.append(contentsOf: $0) }
                pair.append(2 << 3)
                appendVarint(UInt64(bitPattern: sample.time.milliseconds), to: &pair)
                appendField(2, pair, to: &bytes)
            }
            appendField(1, bytes, to: &message)
        }
        return snappy(message)
    }

    private static func text(_ field: UInt8, _ text: String) -> [UInt8] {
        var out: [UInt8] = []
        appendField(field, Array(text.utf8), to: &out)
        return out
    }

    private static func appendField(_ number: UInt8, _ bytes: [UInt8], to out: inout [UInt8]) {
        out.append(number << 3 | 2)
        appendVarint(UInt64(bytes.count), to: &out)
        out += bytes
    }

    private static func appendVarint(_ value: UInt64, to out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }

    /// Nothing but literals, which any reader of the format takes.
    private static func snappy(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        appendVarint(UInt64(bytes.count), to: &out)
        for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
            let literal = bytes[start..<min(start + 1 << 16, bytes.count)]
            // 61: the length less one follows in two bytes.
            let length = literal.count - 1
            out += [61 << 2, UInt8(length & 0xff), UInt8(length >> 8)]
            out += literal
        }
        return out
    }
}
