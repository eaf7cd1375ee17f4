/// InfluxDB's line protocol, as Telegraf and many sketches publish it, with nanoseconds.
struct LineProtocol: Convention {
    let name = "influx-line"
    let summary = "telegraf/<device> with 'climate,device=… temperature=21.4 <ns>'"
    let tellsTime = true

    func publications(of report: Report, from device: Device) -> [Publication] {
        guard !report.measurements.isEmpty else { return [] }
        let fields = report.measurements.map { "\($0.quantity.metric)=\($0.json)" }
        let meant = report.measurements.map {
            MeantReading(
                device: device.id, metric: "climate_" + $0.quantity.metric, value: $0.value, unit: nil,
                time: report.time)
        }
        return [
            Publication(
                "telegraf/\(device.id)",
                "climate,device=\(device.id) \(fields.joined(separator: ",")) \(report.writtenTime)000000",
                meaning: meant)
        ]
    }
}
