/// Writes Sparkplug B payloads, for tests.
package struct SparkplugMessage {
    package private(set) var bytes: [UInt8] = []

    package init(timestamp: UInt64? = nil, sequence: UInt64? = nil, _ metrics: Metric...) {
        self.init(timestamp: timestamp, sequence: sequence, metrics: metrics)
    }

    package init(timestamp: UInt64?, sequence: UInt64?, metrics: [Metric]) {
        if let timestamp { bytes += Metric.varint(1, timestamp) }
        for metric in metrics { bytes += Metric.bytes(2, metric.bytes) }
        if let sequence { bytes += Metric.varint(3, sequence) }
    }

    package struct Metric {
        package enum Value {
            case int(UInt64)
            case long(UInt64)
            case float(Float)
            case double(Double)
            case flag(Bool)
            case text(String)
            case template([Metric], isDefinition: Bool = false)
            case null
        }

        package private(set) var bytes: [UInt8] = []

        package init(
            _ name: String? = nil, alias: UInt64? = nil, at timestamp: UInt64? = nil, type: UInt64? = nil,
            transient: Bool = false, _ value: Value
        ) {
            if let name { bytes += Metric.bytes(1, Array(name.utf8)) }
            if let alias { bytes += Metric.varint(2, alias) }
            if let timestamp { bytes += Metric.varint(3, timestamp) }
            if let type { bytes += Metric.varint(4, type) }
            if transient { bytes += Metric.varint(6, 1) }
            switch value {
            case .int(let number): bytes += Metric.varint(10, number)
            case .long(let number): bytes += Metric.varint(11, number)
            case .float(let number): bytes += [12 << 3 | 5] + Metric.littleEndian(number.bitPattern)
            case .double(let number): bytes += [13 << 3 | 1] + Metric.littleEndian(number.bitPattern)
            case .flag(let flag): bytes += Metric.varint(14, flag ? 1 : 0)
            case .text(let text): bytes += Metric.bytes(15, Array(text.utf8))
            case .template(let members, let isDefinition):
                let inside = members.flatMap { Metric.bytes(2, $0.bytes) }
                bytes += Metric.bytes(18, inside + (isDefinition ? Metric.varint(5, 1) : []))
            case .null: bytes += Metric.varint(7, 1)
            }
        }

        package static func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] { number(field << 3) + number(value) }

        package static func bytes(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
            number(field << 3 | 2) + number(UInt64(bytes.count)) + bytes
        }

        private static func number(_ value: UInt64) -> [UInt8] {
            var (rest, bytes) = (value, [UInt8]())
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return bytes + [UInt8(rest)]
        }

        private static func littleEndian(_ bits: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: bits.littleEndian) { Array($0) }
        }
    }
}
