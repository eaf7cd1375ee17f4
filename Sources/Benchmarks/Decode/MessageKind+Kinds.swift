extension MessageKind {
    /// Two million messages a second: half a microsecond for each.
    private static let twoMillion = 2e6

    static let all = [
        tasmotaPlug, tasmotaClimate, tasmotaState, zigbeeThermometer, zigbeePlug, shellyPlug, esphome, generic, plain,
    ]

    static let tasmotaPlug = MessageKind(
        name: "Tasmota SENSOR, energy plug", goal: twoMillion,
        topic: { "tele/tasmota_\(hexadecimal($0))/SENSOR" },
        payload: { _, values in
            #"{"Time":"\#(values.localTime())","ENERGY":{"TotalStartTime":"2025-03-01T08:00:00","#
                + #""Total":\#(values.decimal(0...900_000, 3)),"Yesterday":\#(values.decimal(0...9000, 3)),"#
                + #""Today":\#(values.decimal(0...9000, 3)),"Period":\#(values.whole(0...60)),"#
                + #""Power":\#(values.whole(0...2300)),"ApparentPower":\#(values.whole(0...2300)),"#
                + #""ReactivePower":\#(values.whole(0...300)),"Factor":\#(values.decimal(0...100, 2)),"#
                + #""Voltage":\#(values.whole(219...241)),"Current":\#(values.decimal(0...10_000, 3))}}"#
        })

    static let tasmotaClimate = MessageKind(
        name: "Tasmota SENSOR, temperature and humidity", goal: twoMillion,
        topic: { "tele/tasmota_\(hexadecimal($0))/SENSOR" },
        payload: { _, values in
            #"{"Time":"\#(values.localTime())","AM2301":{"Temperature":\#(values.decimal(-100...320, 1)),"#
                + #""Humidity":\#(values.decimal(200...999, 1)),"DewPoint":\#(values.decimal(-100...200, 1))},"#
                + #""TempUnit":"C"}"#
        })

    static let tasmotaState = MessageKind(
        name: "Tasmota STATE", goal: twoMillion,
        topic: { "tele/tasmota_\(hexadecimal($0))/STATE" },
        payload: { _, values in
            let uptime = values.whole(10_000...99_999)
            return #"{"Time":"\#(values.localTime())","Uptime":"0T18:36:12","UptimeSec":\#(uptime),"#
                + #""Heap":\#(values.whole(20...30)),"SleepMode":"Dynamic","Sleep":50,"#
                + #""LoadAvg":\#(values.whole(19...30)),"MqttCount":\#(values.whole(1...9)),"#
                + #""POWER":"\#(values.flag() ? "ON" : "OFF")","Wifi":{"AP":1,"SSId":"home","#
                + #""BSSId":"5C:A6:E6:00:00:01","Channel":6,"Mode":"11n","RSSI":\#(values.whole(40...100)),"#
                + #""Signal":\#(values.whole(-80 ... -50)),"LinkCount":\#(values.whole(1...9)),"#
                + #""Downtime":"0T00:00:06"}}"#
        })

    static let zigbeeThermometer = MessageKind(
        name: "Zigbee2MQTT, thermometer", goal: twoMillion,
        topic: { "zigbee2mqtt/thermometer_\($0)" },
        payload: { _, values in
            #"{"battery":\#(values.whole(10...100)),"humidity":\#(values.decimal(2000...9999, 2)),"#
                + #""linkquality":\#(values.whole(20...255)),"temperature":\#(values.decimal(-1000...3200, 2)),"#
                + #""voltage":\#(values.whole(2700...3200))}"#
        })

    /// Its bridge has told its units.
    static let zigbeePlug = MessageKind(
        name: "Zigbee2MQTT, plug with 15 fields, units told", goal: twoMillion,
        topic: { "zigbee2mqtt/\(plugName($0))" },
        payload: { _, values in
            #"{"ac_frequency":\#(values.decimal(4990...5010, 2)),"auto_off":null,"child_lock":"UNLOCK","#
                + #""current":\#(values.decimal(0...1000, 2)),"device_temperature":\#(values.whole(20...45)),"#
                + #""energy":\#(values.decimal(0...90_000, 2)),"indicator_mode":"off/on","#
                + #""last_seen":"2026-11-23T07:\#(values.whole(10...59)):12.345Z","#
                + #""linkquality":\#(values.whole(20...255)),"power":\#(values.whole(0...2300)),"#
                + #""power_factor":\#(values.decimal(0...100, 2)),"power_outage_memory":"restore","#
                + #""state":"\#(values.flag() ? "ON" : "OFF")","update_available":false,"#
                + #""voltage":\#(values.whole(219...241))}"#
        },
        announcement: (
            "zigbee2mqtt/bridge/devices",
            { devices in
                let units = [
                    ("current", "A"), ("energy", "kWh"), ("power", "W"), ("voltage", "V"), ("linkquality", "lqi"),
                ]
                let exposes = units.map { #"{"type":"numeric","property":"\#($0)","unit":"\#($1)"}"# }
                let definition = #"{"model":"TS011F","vendor":"Tuya","exposes":[\#(exposes.joined(separator: ","))]}"#
                let entries = devices.map { #"{"friendly_name":"\#(plugName($0))","definition":\#(definition)}"# }
                return "[\(entries.joined(separator: ","))]"
            }
        ))

    static let shellyPlug = MessageKind(
        name: "Shelly Gen2, NotifyStatus of a plug",
        topic: { "shellyplus1pm-\(hexadecimal($0))/events/rpc" },
        payload: { device, values in
            #"{"src":"shellyplus1pm-\#(hexadecimal(device))","dst":"shelly/events","method":"NotifyStatus","#
                + #""params":{"ts":17954207\#(values.decimal(1000...9999, 2)),"switch:0":{"id":0,"#
                + #""aenergy":{"by_minute":[\#(values.decimal(0...99_999, 3)),0.000,0.000],"minute_ts":1795420740,"#
                + #""total":\#(values.decimal(0...9_999_999, 3))},"apower":\#(values.decimal(0...23_000, 1)),"#
                + #""current":\#(values.decimal(0...9999, 3)),"voltage":\#(values.decimal(2190...2410, 1))}}}"#
        })

    static let esphome = MessageKind(
        name: "ESPHome, a sensor's state",
        topic: { "greenhouse_\($0)/sensor/temperature/state" },
        payload: { _, values in values.decimal(-1000...3200, 2) })

    static let generic = MessageKind(
        name: "JSON of no convention",
        topic: { "farm/field_\($0)/node" },
        payload: { _, values in
            #"{"temperature":\#(values.decimal(-1000...3200, 2)),"humidity":\#(values.decimal(200...999, 1)),"#
                + #""battery":\#(values.decimal(2700...3200, 3)),"ts":1795420\#(values.whole(700...799))}"#
        })

    static let plain = MessageKind(
        name: "a number on a topic of its own",
        topic: { "farm/field_\($0)/temperature" },
        payload: { _, values in values.decimal(-1000...3200, 2) })

    private static func plugName(_ device: Int) -> String { "living_room/plug_\(device)" }

    private static func hexadecimal(_ device: Int) -> String { String(0x49A000 + device, radix: 16, uppercase: true) }
}
