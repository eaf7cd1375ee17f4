import TestSupport

/// Configurations for Home Assistant: one entity, or a device with many; templates, words and topics of all kinds.
struct DiscoveryGrammar {
    var names: NamePool
    /// Topics on which other messages come.
    let topics: [String]

    mutating func configuration(_ random: inout SeededGenerator, components: Int) -> [UInt8] {
        var members = deviceBlock(&random)
        if components <= 1 {
            members += entity(&random)
        } else {
            let inside = (0..<components).map { index in
                let own = entity(&random) + ["\"p\":\"\(random.pick(["sensor", "switch", "climate", "light"]))\""]
                return "\"c\(index)\":{\(own.joined(separator: ","))}"
            }
            members.append("\"cmps\":{\(inside.joined(separator: ","))}")
            if random.isOne(in: 2) { members += entity(&random) }
        }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    private mutating func deviceBlock(_ random: inout SeededGenerator) -> [String] {
        var members: [String] = []
        if !random.isOne(in: 4) {
            let identifier = random.isOne(in: 5) ? NumberGrammar.number(&random) : quoted(names.next(&random))
            members.append(
                "\"dev\":{\"ids\":[\(identifier)],\"cns\":[[\"mac\",\(quoted(names.next(&random)))]],"
                    + "\"name\":\(quoted(names.next(&random))),\"mdl\":\"M\",\"mf\":\"F\",\"sa\":\"R\"}")
        }
        if random.isOne(in: 3) {
            members.append("\"~\":\(quoted(random.pick(["den", "~", "a/b", names.next(&random)])))")
        }
        return members
    }

    private mutating func entity(_ random: inout SeededGenerator) -> [String] {
        var members: [String] = ["\"name\":\(quoted(names.next(&random)))"]
        for key in ["stat_t", "state_topic", "curr_temp_t", "pos_t", "cmd_t", "json_attr_t", "hum_stat_t"]
        where key == "stat_t" || random.isOne(in: 6) {
            members.append("\"\(key)\":\(quoted(topic(&random)))")
        }
        if !random.isOne(in: 3) { members.append("\"val_tpl\":\(quoted(template(&random)))") }
        if random.isOne(in: 3) {
            members.append("\"unit_of_meas\":\(quoted(random.pick(["V", "°F", "", "mV", names.next(&random)])))")
        }
        if random.isOne(in: 4) { members.append("\"pl_on\":\(quoted(names.next(&random))),\"pl_off\":false") }
        if random.isOne(in: 5) { members.append("\"schema\":\"json\"") }
        if random.isOne(in: 3) {
            let list = (0..<random.few(upTo: 20)).map { _ in
                "{\"t\":\(quoted(topic(&random))),\"val_tpl\":\(quoted(template(&random)))}"
            }
            members.append(
                "\"avty\":[\(list.joined(separator: ","))],\"avty_mode\":\"\(random.pick(["all", "any", "x"]))\"")
        }
        return members
    }

    private mutating func topic(_ random: inout SeededGenerator) -> String {
        switch random.below(8) {
        case 0..<4: return random.pick(topics)
        case 4: return "~/" + names.next(&random)
        case 5: return random.pick(topics) + "/~"
        default: return "own/" + names.next(&random)
        }
    }

    private mutating func template(_ random: inout SeededGenerator) -> String {
        var budget = random.isOne(in: 30) ? 120 : 6
        return random.pick(["{{ ", "{{-", "{{"]) + expression(&random, &budget)
            + random.pick([" }}", "-}}", "}}", "}", ""])
    }

    private mutating func expression(_ random: inout SeededGenerator, _ budget: inout Int) -> String {
        budget -= 1
        if budget <= 0 { return "value" }
        switch random.below(10) {
        case 0, 1: return random.pick(["value_json.a", "value_json['b']", "value_json[0].x", "value_json.temperature"])
        case 2: return "value_json" + String(repeating: random.pick([".a", "[0]"]), count: random.few(upTo: 20))
        case 3: return NumberGrammar.number(&random)
        case 4: return "(" + expression(&random, &budget) + ")"
        case 5: return "-" + expression(&random, &budget)
        case 6:
            return expression(&random, &budget) + random.pick([" + ", "*", " / ", "//", "-", "**"])
                + expression(&random, &budget)
        case 7:
            return expression(&random, &budget)
                + random.pick([
                    "|float", "|float(0)", "|round(1)", "| round(99)", "|int(none)", "|default(0, true)", "|is_defined",
                    "|x", "|round(1,'ceil')",
                ])
        default: return "value"
        }
    }

    private func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                out += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
