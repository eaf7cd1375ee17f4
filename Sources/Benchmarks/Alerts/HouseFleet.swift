/// Houses of two rooms, each with a Zigbee2MQTT sensor of five metrics.
struct HouseFleet {
    let houses: Int

    static let metrics = ["temperature", "humidity", "battery", "linkquality", "voltage"]
    static let limit = 60.0

    var devices: Int { houses * 2 }
    var series: Int { devices * HouseFleet.metrics.count }

    func topic(_ device: Int) -> String { "zigbee2mqtt/house \(device / 2) room \(device % 2)" }

    /// What no rule minds, but for a temperature that is told.
    func payload(_ round: Int, temperature: Double? = nil) -> String {
        let wave = Double(round % 20) / 10
        return """
            {"temperature":\(temperature ?? 21 + wave),"humidity":\(50 - wave),"battery":40,"linkquality":\(30 + round % 20),"voltage":3}
            """
    }

    /// A rule for each house, over its ten series; a hundred in a group.
    var rules: String {
        var text = "groups:\n"
        for house in 0..<houses {
            if house.isMultiple(of: 100) { text += "- name: houses from \(house)\n  rules:\n" }
            text += """
                  - alert: House\(house)
                    expr: '{device=~"house \(house) room .*", __name__=~"\(HouseFleet.metrics.joined(separator: "|"))"} > \(HouseFleet.limit)'

                """
        }
        return text
    }
}
