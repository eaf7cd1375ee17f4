import Readings
import TestSupport

/// Sparkplug's births and data: aliases of earlier births or none, templates inside templates, every type.
enum SparkplugGrammar {
    static func birth(
        _ random: inout SeededGenerator, names: inout NamePool, now: Timestamp, metrics count: Int
    ) -> [UInt8] {
        var metrics = [SparkplugMessage.Metric("bdSeq", type: 8, .long(UInt64(random.below(3))))]
        for index in 0..<count {
            let name = random.isOne(in: 12) ? random.pick(["Node Control/Rebirth", "", "bdSeq"]) : names.next(&random)
            let alias = random.isOne(in: 4) ? nil : UInt64(random.isOne(in: 20) ? random.below(4) : index)
            metrics.append(metric(name, alias: alias, &random, names: &names, now: now, depth: 0))
        }
        return write(metrics, &random, now: now)
    }

    static func data(
        _ random: inout SeededGenerator, names: inout NamePool, now: Timestamp, metrics count: Int
    ) -> [UInt8] {
        let metrics = (0..<count).map { index in
            let isNamed = random.isOne(in: 3)
            return metric(
                isNamed ? names.next(&random) : nil,
                alias: isNamed && random.isOne(in: 2) ? nil : random.isOne(in: 9) ? .max : UInt64(index), &random,
                names: &names, now: now, depth: 0)
        }
        return write(metrics, &random, now: now)
    }

    private static func write(
        _ metrics: [SparkplugMessage.Metric], _ random: inout SeededGenerator, now: Timestamp
    ) -> [UInt8] {
        let timestamp = random.isOne(in: 10) ? random.next() : UInt64(clamping: now.milliseconds)
        var bytes = SparkplugMessage(
            timestamp: random.isOne(in: 6) ? nil : timestamp,
            sequence: random.isOne(in: 6) ? nil : UInt64(random.below(300)), metrics: metrics
        ).bytes
        switch random.below(30) {
        case 0: bytes += [0x22, 18] + Array("SPBV1.0_COMPRESSED".utf8)
        case 1: bytes += [0x0B, 0x0B, 0x0C, 0x0C]  // groups
        case 2: bytes += Array(repeating: 0xFF, count: 9) + [random.pick([0x01, 0x02, 0xFF])]
        case 3: bytes += [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]  // longer than the message
        default: break
        }
        return bytes
    }

    private static func metric(
        _ name: String?, alias: UInt64?, _ random: inout SeededGenerator, names: inout NamePool, now: Timestamp,
        depth: Int
    ) -> SparkplugMessage.Metric {
        let type: UInt64? = random.isOne(in: 5) ? nil : random.isOne(in: 20) ? random.next() : UInt64(random.below(21))
        let value: SparkplugMessage.Metric.Value
        switch random.below(9) {
        case 0: value = .int(random.next() >> random.next(upperBound: UInt64(64)))
        case 1: value = .long(random.next())
        case 2: value = .float(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
        case 3: value = .double(Double(bitPattern: random.next()))
        case 4: value = .flag(random.isOne(in: 2))
        case 5: value = .text(names.next(&random))
        case 6: value = .null
        case 7 where depth < 7:
            let members = (0..<random.few(upTo: 40)).map { _ in
                metric(names.next(&random), alias: nil, &random, names: &names, now: now, depth: depth + 1)
            }
            value = .template(members, isDefinition: random.isOne(in: 6))
        default: value = .long(UInt64(random.below(100)))
        }
        return SparkplugMessage.Metric(
            name, alias: alias, at: random.isOne(in: 4) ? UInt64(clamping: now.milliseconds) : nil, type: type,
            transient: random.isOne(in: 15), value)
    }
}
