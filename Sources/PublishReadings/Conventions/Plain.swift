/// The simplest there is: a number or a word alone on `<device>/<metric>`.
struct Plain: Convention {
    let name = "plain"
    let summary = "<device>/<metric> with a number alone"
    let tellsTime = false

    func publications(of report: Report, from device: Device) -> [Publication] {
        report.measurements.map { measured in
            Publication(
                "\(device.id)/\(measured.quantity.metric)", measured.json,
                meaning: [
                    MeantReading(
                        device: device.id, metric: measured.quantity.metric, value: measured.value, unit: nil, time: nil
                    )
                ])
        }
    }
}
