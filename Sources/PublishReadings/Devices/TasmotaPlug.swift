/// A measuring plug with Tasmota's firmware: retained discovery and LWT, and SENSOR and STATE at each report.
struct TasmotaPlug: SimulatedDevice {
    let tellsTime = true
    var clock = Moment.DeviceClock.exact
    private let topic: String
    private let name: String
    private let appliance: Appliance
    /// This plug's share of its kind: no two kettles draw the same.
    private let factor: Double
    private let mac: String
    private let initialEnergy: Double
    private var energyAtLastReport: Double?
    private var signal: Drift

    init(topic: String, name: String, appliance: Appliance, generator: SplitMix64) {
        var generator = generator
        self.topic = topic
        self.name = name
        self.appliance = appliance
        factor = generator.uniform(0.96...1.04)
        initialEnergy = generator.uniform(20...400)
        mac = "A4CF12" + hexadecimal(generator.next(), digits: 6).uppercased()
        signal = Drift(deviation: 4, memory: 300, generator: generator.branch("signal"))
    }

    func announcements(at moment: Moment) -> [Publication] {
        let configuration =
            #"{"ip":"192.168.1.40","dn":"\#(name)","fn":["\#(name)",null,null,null],"hn":"\#(topic)","mac":"\#(mac)","#
            + #""md":"Gosund SP1 v23","ty":0,"if":0,"ofln":"Offline","onln":"Online","#
            + #""state":["OFF","ON","TOGGLE","HOLD"],"sw":"15.1.0","t":"\#(topic)","ft":"%prefix%/%topic%/","#
            + #""tp":["cmnd","stat","tele"],"rl":[1,0,0,0,0,0,0,0],"swc":[-1,-1,-1,-1],"btn":[0,0,0,0],"#
            + #""so":{"4":0,"11":0},"lk":0,"lt_st":0,"ver":1}"#
        let sensors = #"{"sn":\#(sensor(power: 0, voltage: 0, total: initialEnergy, period: 0, at: moment)),"ver":1}"#
        return [
            Publication("tasmota/discovery/\(mac)/config", configuration, retain: true),
            Publication("tasmota/discovery/\(mac)/sensors", sensors, retain: true),
            Publication("tele/\(topic)/LWT", "Online", retain: true),
        ]
    }

    mutating func report(_ scene: Scene, at moment: Moment) -> [Publication] {
        let consumption = scene.consumption[appliance] ?? Consumption()
        let energy = factor * consumption.energy
        let period = max(0, energy - (energyAtLastReport ?? energy)) * 1000
        energyAtLastReport = energy
        let reception = min(100, max(20, 78 + signal.advance(to: moment.elapsed)))
        let uptime = Int(moment.elapsed) + 86_400
        let state =
            #"{"Time":"\#(moment.localText(on: clock))","Uptime":"\#(uptimeText(uptime))","UptimeSec":\#(uptime),"#
            + #""Heap":27,"SleepMode":"Dynamic","Sleep":50,"LoadAvg":19,"MqttCount":1,"POWER":"ON","#
            + #""Wifi":{"AP":1,"SSId":"home","BSSId":"5C:A6:E6:00:00:01","Channel":6,"Mode":"11n","#
            + #""RSSI":\#(text(reception, 0)),"Signal":\#(text(reception / 2 - 100, 0)),"LinkCount":1,"#
            + #""Downtime":"0T00:00:03"}}"#
        let sensor = sensor(
            power: factor * consumption.power, voltage: scene.mainsVoltage, total: initialEnergy + energy,
            period: period, at: moment)
        return [Publication("tele/\(topic)/STATE", state), Publication("tele/\(topic)/SENSOR", sensor)]
    }

    func farewell() -> [Publication] {
        [Publication("tele/\(topic)/LWT", "Offline", retain: true)]
    }

    private func sensor(power: Double, voltage: Double, total: Double, period: Double, at moment: Moment) -> String {
        // Heating is purely resistive, motors and power supplies are not.
        let powerFactor = appliance == .kettle ? 1 : 0.88
        let apparent = power / powerFactor
        let reactive = max(0, apparent * apparent - power * power).squareRoot()
        let current = voltage > 0 ? apparent / voltage : 0
        return #"{"Time":"\#(moment.localText(on: clock))","ENERGY":{"TotalStartTime":"2025-03-01T08:00:00","#
            + #""Total":\#(text(total, 3)),"Yesterday":1.204,"Today":\#(text(total - initialEnergy, 3)),"#
            + #""Period":\#(text(period, 2)),"Power":\#(text(power, 1)),"ApparentPower":\#(text(apparent, 1)),"#
            + #""ReactivePower":\#(text(reactive, 1)),"Factor":\#(text(power > 0 ? powerFactor : 0, 2)),"#
            + #""Voltage":\#(text(voltage, 0)),"Current":\#(text(current, 3))}}"#
    }

    /// `1T02:03:04`
    private func uptimeText(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 86_400)T\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}

/// The low `digits` hexadecimal digits of `number`, in lower case.
func hexadecimal(_ number: UInt64, digits: Int) -> String {
    let all = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - all.utf8.count)) + all.suffix(digits)
}
