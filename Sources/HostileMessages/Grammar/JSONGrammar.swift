import TestSupport

/// Any JSON, and what is nearly JSON, with the words that conventions look for as keys.
struct JSONGrammar {
    private static let keys = [
        "Time", "time", "ts", "timestamp", "last_seen", "values", "state", "reported", "ENERGY", "Power", "Total",
        "TempUnit",
        "PressureUnit", "StatusSNS", "ZbReceived", "LwReceived", "Device", "Name", "ModelId", "model", "channel", "id",
        "type",
        "subtype", "temperature_C", "pressure_kPa", "wind_max_m_s", "tempc", "model_id", "voltage", "battery", "update",
        "params", "method", "src", "switch:0", "em:0", "aenergy", "total", "by_minute", "uplink_message",
        "decoded_payload",
        "rx_metadata", "rssi", "snr", "received_at", "homie", "properties", "datatype", "unit", "root", "bn", "bt",
        "bu", "bv",
        "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut", "bver", "must_", "_type", "data", "gwts", "coords", "name",
    ]

    var names: NamePool

    mutating func text(_ random: inout SeededGenerator, values: Int) -> [UInt8] {
        var out: [UInt8] = []
        var budget = values
        write(&out, &random, depth: 0, budget: &budget)
        return out
    }

    private mutating func write(
        _ out: inout [UInt8], _ random: inout SeededGenerator, depth: Int, budget: inout Int
    ) {
        budget -= 1
        let isContainer = budget > 0 && depth < 34 && (depth == 0 || random.isOne(in: 3))
        guard isContainer else {
            writeScalar(&out, &random)
            return
        }
        // Seldom a chain that goes on to the limit of depth.
        let count = random.isOne(in: 8) ? 1 : 1 + random.below(min(budget, depth == 0 ? budget : 12))
        let isObject = depth == 0 || !random.isOne(in: 3)
        out.append(UInt8(ascii: isObject ? "{" : "["))
        for index in 0..<count {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            if isObject {
                writeString(key(&random), &out, &random)
                out.append(UInt8(ascii: ":"))
            }
            write(&out, &random, depth: depth + 1, budget: &budget)
            if budget <= 0 { break }
        }
        out.append(UInt8(ascii: isObject ? "}" : "]"))
    }

    private mutating func key(_ random: inout SeededGenerator) -> String {
        random.isOne(in: 3) ? names.next(&random) : random.pick(JSONGrammar.keys)
    }

    private mutating func writeScalar(_ out: inout [UInt8], _ random: inout SeededGenerator) {
        switch random.below(10) {
        case 0..<5: out += Array(NumberGrammar.number(&random).utf8)
        case 5: out += Array(random.pick(["true", "false", "null"]).utf8)
        case 6: writeString(NumberGrammar.number(&random), &out, &random)
        case 7:
            writeString(
                random.pick(["on", "OFF", "open", "nan", "unavailable", "online", "°F", "mV", "W"]), &out, &random)
        default: writeString(names.next(&random), &out, &random)
        }
    }

    /// Between quotes, with escapes where they must be and sometimes where they need not.
    private func writeString(_ text: String, _ out: inout [UInt8], _ random: inout SeededGenerator) {
        out.append(UInt8(ascii: "\""))
        let escapesAll = random.isOne(in: 12)
        for scalar in text.unicodeScalars {
            if escapesAll || scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                for unit in String(scalar).utf16 { out += Array("\\u".utf8) + JSONGrammar.hexadecimal(unit) }
            } else {
                out += Array(String(scalar).utf8)
            }
        }
        // Half of a pair, which RFC 8259 lets stand.
        if random.isOne(in: 40) {
            out += Array(random.pick(["\\ud800", "\\udc00", "\\uD83D\\uD83D", "\\ud83c\\udf6d"]).utf8)
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func hexadecimal(_ unit: UInt16) -> [UInt8] {
        (0..<4).map { Array("0123456789abcdef".utf8)[Int(unit >> (12 - 4 * $0)) & 15] }
    }
}
