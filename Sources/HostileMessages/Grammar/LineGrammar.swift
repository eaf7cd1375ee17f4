import Readings
import TestSupport

/// Line protocol, in good and in broken form.
enum LineGrammar {
    private static let tags = ["device", "host", "id", "name", "site", "__name__", "household", "a\\ b", "độ", "x\\,y"]

    static func lines(
        _ random: inout SeededGenerator, names: inout NamePool, now: Timestamp, count: Int
    ) -> [UInt8] {
        var out: [UInt8] = []
        for _ in 0..<count {
            out += Array(escaped(names.next(&random), &random).utf8)
            for _ in 0..<random.few(upTo: 40) {
                out += Array(",\(random.pick(tags))=\(escaped(names.next(&random), &random))".utf8)
            }
            out.append(UInt8(ascii: " "))
            for index in 0...random.few(upTo: 300) {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                let key = random.isOne(in: 3) ? "value" : escaped(names.next(&random), &random)
                out += Array("\(key)=\(value(&random))".utf8)
            }
            if random.isOne(in: 2) { out += Array(" \(NumberGrammar.time(&random, now: now))".utf8) }
            out += Array(random.pick(["\n", "\r\n", "\n\n", "", "\n# remark\n", " \n"]).utf8)
        }
        return out
    }

    private static func value(_ random: inout SeededGenerator) -> String {
        let number = NumberGrammar.number(&random)
        switch random.below(8) {
        case 0: return number + "i"
        case 1: return number + "u"
        case 2:
            return random.pick(["t", "FALSE", "nan", "\"text \\\" with, all = in it\"", "\"open", "\"\n\"", "\"\\"])
        default: return number
        }
    }

    private static func escaped(_ name: String, _ random: inout SeededGenerator) -> String {
        if random.isOne(in: 10) { return name }
        return name.replacing(" ", with: "\\ ").replacing(",", with: "\\,").replacing("=", with: "\\=")
    }
}
