import Testing

@testable import PayloadDecoders

@Suite("Metrics are named in snake case by one rule")
struct NamingTests {
    @Test(arguments: [
        // Words that begin with a capital.
        ("ApparentPower", "apparent_power"), ("CTEnergy1", "ct_energy1"), ("SSId", "ss_id"), ("UVIndex", "uv_index"),
        ("todaySumImport", "today_sum_import"), ("Sensor2Temp", "sensor2_temp"),
        ("HTTPServer2Load", "http_server2_load"),
        // A lone first letter, also of a later word.
        ("eCO2", "eco2"), ("pH", "ph"), ("tC", "tc"), ("kWh", "kwh"), ("soil_pH", "soil_ph"),
        // A plural s is no word.
        ("LEDs", "leds"), ("LEDsOn", "leds_on"), ("LEDState", "led_state"),
        // Capitals and digits of a chip's name stay together.
        ("DS18B20-1", "ds18b20_1"), ("MHZ19B", "mhz19b"), ("A0", "a0"), ("PM2.5", "pm2_5"),
        // Whatever is neither letter nor digit.
        ("switch:0", "switch_0"), ("  free mem (KB) ", "free_mem_kb"), ("a--__b", "a_b"), ("_x_", "x"),
        // Marks, in both of Unicode's spellings.
        ("nhiệt độ", "nhiet_do"), ("nhie\u{302}\u{323}t \u{111}o\u{323}\u{302}", "nhiet_do"), ("Độ Ẩm", "do_am"),
        ("Größe", "große"), ("Température", "temperature"),
        // Nothing left.
        ("", "value"), ("🌡️", "value"), ("---", "value"), ("°", "value"),
        // Other scripts keep their letters.
        ("Влажность", "влажность"), ("温度", "温度"),
    ])
    func wordOfKey(key: String, word: String) {
        #expect(SnakeCase.word(key) == word)
    }

    @Test func aMetricDoesNotBeginWithADigit() {
        #expect(SnakeCase.metric("1_x") == "_1_x")
        #expect(SnakeCase.metric("x_1") == "x_1")
        #expect(SnakeCase.metric("٣") == "_٣")
    }

    @Test(arguments: [
        "id", "Id", "UID", "uuid", "MAC", "addr", "Address", "ip", "SSId", "ssid", "BSSId", "imei", "serial",
        "serialNumber", "eui", "DevEUI", "devEui", "Device", "deviceId", "device_id", "gwMac", "version", "messageId",
        "minute_ts", "unixtime_epoch", "boot_timestamp", "a\u{202E}b", "a\u{0}b",
    ])
    func identitiesAndForeignTimesAreNeverReadings(key: String) {
        #expect(FieldKey(key).role == .neverReading)
    }

    @Test(arguments: [
        "time", "Timestamp", "@timestamp", "ts", "dateTime", "date", "Epoch", "UTC", "lastSeen", "last_seen", "tst",
        "unixTime", "received_at", "createdAt", "measured_at", "eventTime",
    ])
    func timesAreTimes(key: String) {
        #expect(FieldKey(key).role != .field && FieldKey(key).role != .neverReading)
    }

    @Test(arguments: ["uptime", "counts", "temperature", "idle", "ipm", "period", "timer", "hum", "state"])
    func whatOnlyLooksLikeThemIsAField(key: String) {
        #expect(FieldKey(key).role == .field)
    }

    @Test func theTableRemembersKeysAndKeepsThemApart() {
        var table = FieldKeyTable.empty
        // More keys than it has room for, twice, so that places are taken over.
        for _ in 0..<2 {
            for number in 0..<3000 {
                let raw = "Key\(number)Value"
                let word = raw.utf8.withContiguousStorageIfAvailable { table.key(UnsafeRawBufferPointer($0)).word }
                #expect(word == SnakeCase.word(raw))
            }
        }
    }

    @Test(arguments: ["", "a\u{0}", "a\nb", "a\u{7F}", "a\u{85}b", "a\u{202E}b", "a\u{2066}b"])
    func namesThatCannotBeShownAreFaults(name: String) {
        #expect(SafeName.fault(in: name) != nil)
    }

    @Test func namesHaveAtMost128Bytes() {
        #expect(SafeName.fault(in: String(repeating: "đ", count: 64)) == nil)
        #expect(SafeName.fault(in: String(repeating: "đ", count: 65)) == .tooLong(130))
    }
}
