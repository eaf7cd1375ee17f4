import TestSupport

/// SenML packs in CBOR, with every form of head that RFC 8949 has and some that it forbids.
enum CBORGrammar {
    static func pack(_ random: inout SeededGenerator, records: Int) -> [UInt8] {
        var out: [UInt8] = random.isOne(in: 6) ? [0xD9, 0xD9, 0xF7] : []
        let isOpen = random.isOne(in: 4)
        writeHead(4, isOpen ? nil : UInt64(records), &out, &random)
        for _ in 0..<records { writeRecord(&out, &random) }
        if isOpen { out.append(0xFF) }
        return out
    }

    private static func writeRecord(_ out: inout [UInt8], _ random: inout SeededGenerator) {
        let pairs = 1 + random.below(6)
        let isOpen = random.isOne(in: 6)
        writeHead(5, isOpen ? nil : UInt64(pairs), &out, &random)
        for _ in 0..<pairs {
            let label = random.below(17) - 7
            writeHead(label < 0 ? 1 : 0, UInt64(label < 0 ? -1 - label : label), &out, &random)
            switch label {
            case -2, -4, 0, 1: writeText(random.pick(["d/", "urn:dev:1", "Cel", "%RH", "a/b", "ệ", ""]), &out, &random)
            case 4: out.append(random.pick([0xF4, 0xF5]))
            default: writeItem(&out, &random, depth: 0)
            }
        }
        if isOpen { out.append(0xFF) }
    }

    /// Mostly a number, in any form; else anything.
    private static func writeItem(_ out: inout [UInt8], _ random: inout SeededGenerator, depth: Int) {
        switch random.below(depth > 20 ? 5 : 14) {
        case 0...2: writeHead(random.below(2), random.next() >> random.next(upperBound: UInt64(64)), &out, &random)
        case 3: out += [0xFB] + bigEndian(random.next(), bytes: 8)
        case 4: out += [0xF9] + bigEndian(random.next(), bytes: 2)
        case 5: out += [0xFA] + bigEndian(random.next(), bytes: 4)
        case 6, 7:
            // A decimal fraction or a big float.
            out.append(random.pick([0xC4, 0xC5]))
            writeHead(4, UInt64(random.isOne(in: 10) ? 3 : 2), &out, &random)
            writeItem(&out, &random, depth: depth + 1)
            writeItem(&out, &random, depth: depth + 1)
        case 8:
            out.append(random.pick([0xC2, 0xC3]))
            let count = random.few(upTo: 300)
            writeHead(2, UInt64(count), &out, &random)
            for _ in 0..<count { out.append(UInt8(truncatingIfNeeded: random.next())) }
        case 9:
            writeHead(6, random.next() >> random.next(upperBound: UInt64(64)), &out, &random)
            writeItem(&out, &random, depth: depth + 1)
        case 10: writeText("x", &out, &random)
        case 11:
            let count = random.below(4)
            writeHead(4, random.isOne(in: 30) ? .max : UInt64(count), &out, &random)
            for _ in 0..<count { writeItem(&out, &random, depth: depth + 1) }
        case 12:
            for _ in 0..<random.few(upTo: 60) { out.append(random.pick([0x9F, 0xBF, 0x81, 0xC1])) }
            writeItem(&out, &random, depth: depth + 1)
        default: out.append(random.pick([0xF6, 0xF7, 0xF8, 0xE0, 0x1C, 0xFF, 0x7F, 0x5F]))
        }
    }

    private static func writeText(_ text: String, _ out: inout [UInt8], _ random: inout SeededGenerator) {
        guard random.isOne(in: 6) else {
            writeHead(3, UInt64(text.utf8.count), &out, &random)
            out += Array(text.utf8)
            return
        }
        // In pieces, which may cut characters apart.
        out.append(0x7F)
        for byte in text.utf8 { out += [0x61, byte] }
        out.append(0xFF)
    }

    /// A head with its argument in the shortest form or a longer one; of unknown length where there is no argument.
    private static func writeHead(
        _ major: Int, _ argument: UInt64?, _ out: inout [UInt8], _ random: inout SeededGenerator
    ) {
        let first = UInt8(major << 5)
        guard let argument else {
            out.append(first | 31)
            return
        }
        let shortest =
            argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFF_FFFF ? 4 : 8
        let bytes = random.isOne(in: 20) ? max(shortest, random.pick([1, 2, 4, 8])) : shortest
        switch bytes {
        case 0: out.append(first | UInt8(argument))
        case 1: out += [first | 24] + bigEndian(argument, bytes: 1)
        case 2: out += [first | 25] + bigEndian(argument, bytes: 2)
        case 4: out += [first | 26] + bigEndian(argument, bytes: 4)
        default: out += [first | 27] + bigEndian(argument, bytes: 8)
        }
    }

    private static func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - $0))) }
    }
}
