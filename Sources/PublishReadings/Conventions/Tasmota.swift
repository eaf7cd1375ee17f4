/// Tasmota's firmware: retained discovery and LWT, and STATE and SENSOR at each report, with the local time without a zone.
struct Tasmota: Convention {
    let name = "tasmota"
    let summary = "tele/<device>/SENSOR and STATE, LWT, tasmota/discovery"
    let tellsTime = true

    /// Where SENSOR has a quantity: the chip's name and the field's.
    private struct Place {
        var chip: String
        var field: String
        var metric: String

        /// Nil for what no chip of Tasmota's measures.
        init?(_ quantity: Quantity) {
            switch quantity {
            case .power: self.init("ENERGY", "Power", "energy_power")
            case .voltage: self.init("ENERGY", "Voltage", "energy_voltage")
            case .current: self.init("ENERGY", "Current", "energy_current")
            case .energy: self.init("ENERGY", "Total", "energy_total")
            case .temperature: self.init("BME280", "Temperature", "bme280_temperature")
            case .humidity: self.init("BME280", "Humidity", "bme280_humidity")
            case .pressure: self.init("BME280", "Pressure", "bme280_pressure")
            case .illuminance: self.init("BH1750", "Illuminance", "bh1750_illuminance")
            case .co2: self.init("MHZ19B", "CarbonDioxide", "mhz19b_carbon_dioxide")
            case .fineDust: self.init("SDS0X1", "PM2.5", "sds0x1_pm2_5")
            case .coarseDust: self.init("SDS0X1", "PM10", "sds0x1_pm10")
            case .moisture: self.init("ANALOG", "Moisture", "analog_moisture")
            case .open: self.init("", "Switch1", "switch1")
            case .battery, .batteryVoltage, .signal: return nil
            default: self.init("ANALOG", quantity.metric, "analog_" + quantity.metric)
            }
        }

        private init(_ chip: String, _ field: String, _ metric: String) {
            self.chip = chip
            self.field = field
            self.metric = metric
        }
    }

    func announcements(of devices: [Device]) -> [Publication] {
        devices.flatMap { device in
            let configuration =
                #"{"ip":"192.168.1.40","dn":\#(quoted(device.name)),"fn":[\#(quoted(device.name)),null,null,null],"#
                + #""hn":"\#(device.id)","mac":"\#(device.addressText)","md":"Gosund SP1 v23","ty":0,"if":0,"#
                + #""ofln":"Offline","onln":"Online","state":["OFF","ON","TOGGLE","HOLD"],"sw":"15.1.0","#
                + #""t":"\#(device.id)","ft":"%prefix%/%topic%/","tp":["cmnd","stat","tele"],"#
                + #""rl":[1,0,0,0,0,0,0,0],"swc":[-1,-1,-1,-1],"btn":[0,0,0,0],"so":{"4":0,"11":0},"lk":0,"lt_st":0,"#
                + #""ver":1}"#
            return [
                Publication("tasmota/discovery/\(device.addressText)/config", configuration, retain: true),
                Publication("tele/\(device.id)/LWT", "Online", retain: true),
            ]
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        let time = TimeText.local(report.writtenTime)
        let signal = report[.signal]?.value ?? -61
        let state =
            #"{"Time":"\#(time)","Uptime":"\#(uptimeText(report.uptime))","UptimeSec":\#(report.uptime),"Heap":27,"#
            + #""SleepMode":"Dynamic","Sleep":50,"LoadAvg":19,"MqttCount":1,"POWER":"ON","Wifi":{"AP":1,"SSId":"home","#
            + #""BSSId":"5C:A6:E6:00:00:01","Channel":6,"Mode":"11n","RSSI":\#(text(min(100, 2 * (signal + 100)), 0)),"#
            + #""Signal":\#(text(signal, 0)),"LinkCount":1,"Downtime":"0T00:00:03"}}"#
        let (sensor, meant) = sensor(report, from: device, at: time)
        return [
            Publication("tele/\(device.id)/STATE", state),
            Publication("tele/\(device.id)/SENSOR", sensor, meaning: meant),
        ]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { Publication("tele/\($0.id)/LWT", "Offline", retain: true) }
    }

    private func sensor(_ report: Report, from device: Device, at time: String) -> (String, [MeantReading]) {
        var chips: [(name: String, members: [String])] = []
        var meant: [MeantReading] = []
        for measured in report.measurements {
            guard let place = Place(measured.quantity) else { continue }
            let value = measured.quantity.isFlag ? (measured.value == 0 ? "\"OFF\"" : "\"ON\"") : measured.text
            let field = member(place.field, value)
            if let index = chips.firstIndex(where: { $0.name == place.chip }) {
                chips[index].members.append(field)
            } else {
                chips.append((place.chip, [field]))
            }
            meant.append(
                MeantReading(
                    device: device.id, metric: place.metric, value: measured.value,
                    unit: measured.quantity.unit?.rawValue,
                    // Whole seconds are written.
                    time: report.time / 1000 * 1000))
        }
        var out = #"{"Time":"\#(time)""#
        for chip in chips {
            var members = chip.members
            if chip.name == "ENERGY" { members = derived(report) + members }
            out += "," + (chip.name.isEmpty ? members.joined(separator: ",") : member(chip.name, object(members)))
        }
        if report[.pressure] != nil { out += #","PressureUnit":"hPa""# }
        if report[.temperature] != nil { out += #","TempUnit":"C""# }
        return (out + "}", meant)
    }

    /// What the firmware works out of power, voltage and current.
    private func derived(_ report: Report) -> [String] {
        let power = report[.power]?.value ?? 0
        let apparent = max(power, (report[.voltage]?.value ?? 0) * (report[.current]?.value ?? 0))
        return [
            #""TotalStartTime":"2025-03-01T08:00:00""#,
            member("ApparentPower", text(apparent, 1)),
            member("ReactivePower", text((apparent * apparent - power * power).squareRoot(), 1)),
            member("Factor", text(apparent > 0 ? power / apparent : 0, 2)),
        ]
    }

    /// `1T02:03:04`
    private func uptimeText(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 86_400)T\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}
