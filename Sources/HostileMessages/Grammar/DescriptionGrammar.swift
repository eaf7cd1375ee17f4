import TestSupport

/// What bridges and devices tell of themselves in one large document.
struct DescriptionGrammar {
    var names: NamePool

    /// A device's `$description` by Homie 5.
    mutating func homie(_ random: inout SeededGenerator, properties count: Int) -> [UInt8] {
        var nodes: [String] = []
        var left = count
        while left > 0 {
            let inside = (0..<1 + random.below(left)).map { _ in
                "\(name(&random)):{\"datatype\":\"\(random.pick(["float", "boolean", "percent", "enum", "x"]))\",\"unit\":\(unit(&random))}"
            }
            left -= inside.count
            nodes.append("\(name(&random)):{\"properties\":{\(inside.joined(separator: ","))}}")
        }
        let parent = random.isOne(in: 2) ? "\"root\":\(name(&random)),\"parent\":\(name(&random))," : ""
        return Array(
            "{\"homie\":\"5.0\",\"name\":\(name(&random)),\(parent)\"nodes\":{\(nodes.joined(separator: ","))}}".utf8)
    }

    /// A Zigbee bridge's list of devices.
    mutating func zigbee(_ random: inout SeededGenerator, devices count: Int) -> [UInt8] {
        let devices = (0..<count).map { _ in
            "{\"friendly_name\":\(name(&random)),\"type\":\"\(random.isOne(in: 9) ? "Coordinator" : "Router")\",\"definition\":"
                + "{\"model\":\(name(&random)),\"vendor\":\"V\",\"exposes\":\(exposes(&random, depth: 0))}}"
        }
        return Array("[\(devices.joined(separator: ","))]".utf8)
    }

    private mutating func exposes(_ random: inout SeededGenerator, depth: Int) -> String {
        let entries = (0..<random.few(upTo: depth == 0 ? 60 : 4)).map { _ in
            let features =
                depth < 12 && random.isOne(in: 3) ? ",\"features\":" + exposes(&random, depth: depth + 1) : ""
            return "{\"property\":\(name(&random)),\"unit\":\(unit(&random))\(features)}"
        }
        return "[\(entries.joined(separator: ","))]"
    }

    /// Tasmota's discovery.
    mutating func tasmota(_ random: inout SeededGenerator) -> [UInt8] {
        let place = random.pick(["%topic%", "%prefix%", "%hostname%", "%id%", "/", "x"])
        let full = random.isOne(in: 3) ? "%topic%/%prefix%/" : String(repeating: place, count: random.few(upTo: 3000))
        let topic = random.isOne(in: 20) ? String(repeating: "y", count: random.below(20_000)) : "t"
        return Array(
            """
            {"dn":\(name(&random)),"md":"M","t":\(random.isOne(in: 2) ? name(&random) : "\"\(topic)\""),"hn":\(name(&random)),\
            "ft":"\(full)","tp":[\(name(&random)),\(name(&random)),\(name(&random))],"onln":\(name(&random)),\
            "ofln":\(name(&random)),"mac":"AA"}
            """.utf8)
    }

    /// A gateway's telemetry of the devices behind it.
    mutating func gateway(_ random: inout SeededGenerator, devices count: Int) -> [UInt8] {
        let devices = (0..<count).map { _ in
            "\(name(&random)):[{\"ts\":1795420800000,\"values\":{\(name(&random)):\(NumberGrammar.number(&random))}}]"
        }
        return Array("{\(devices.joined(separator: ","))}".utf8)
    }

    private mutating func name(_ random: inout SeededGenerator) -> String {
        let name = names.next(&random)
        // Control characters are for the mutations to bring: here they would spoil the whole document.
        let kept = name.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" }
        return "\"\(String(String.UnicodeScalarView(kept)))\""
    }

    private mutating func unit(_ random: inout SeededGenerator) -> String {
        random.isOne(in: 5) ? name(&random) : "\"\(random.pick(["V", "mV", "°F", "%", "kWh", "lqi", " W ", ""]))\""
    }
}
