/// A home-made device that sends a JSON object with its own time in `ts`, in milliseconds, and its owner's words as keys.
struct GenericJSON: Convention {
    let name = "generic"
    let summary = "sensors/<device> with a JSON object and its time in ts"
    let tellsTime = true

    func publications(of report: Report, from device: Device) -> [Publication] {
        let topic = "sensors/" + device.name
        let members = report.measurements.map { "\(quoted($0.quantity.name)):\($0.json)" }
        let meant = report.measurements.map {
            MeantReading(device: topic, metric: $0.quantity.metric, value: $0.value, unit: nil, time: report.time)
        }
        return [Publication(topic, object([member("ts", "\(report.writtenTime)")] + members), meaning: meant)]
    }
}
