/// Sparkplug B 3.0, each device an edge node of its own: the birth gives every metric a name, a type and an alias, data have
/// only the alias. Field numbers are those of Sparkplug's protobuf schema.
struct SparkplugB: Convention {
    let name = "sparkplug"
    let summary = "spBv1.0/home/NBIRTH|NDATA|NDEATH/<device> in protobuf, with aliases"
    let tellsTime = true

    private enum DataType {
        static let uint64: UInt64 = 8
        static let double: UInt64 = 10
        static let boolean: UInt64 = 11
    }

    func announcements(of devices: [Device]) -> [Publication] {
        devices.map { device in
            let metrics =
                [deathSequence()]
                + device.quantities.enumerated().map { alias, quantity in
                    // Nothing is measured yet: a null of its type.
                    var metric = ProtobufWriter()
                    metric.text(1, quantity.metric)
                    metric.varint(2, UInt64(alias))
                    metric.varint(4, quantity.isFlag ? DataType.boolean : DataType.double)
                    metric.varint(7, 1)
                    return metric.bytes
                }
            return publication("NBIRTH", of: device, metrics, sequence: 0, time: nil)
        }
    }

    func publications(of report: Report, from device: Device) -> [Publication] {
        var metrics: [[UInt8]] = []
        var meant: [MeantReading] = []
        for measured in report.measurements {
            guard let alias = device.quantities.firstIndex(of: measured.quantity) else { continue }
            var metric = ProtobufWriter()
            metric.varint(2, UInt64(alias))
            metric.varint(3, UInt64(clamping: report.writtenTime))
            if measured.quantity.isFlag {
                metric.varint(14, measured.value == 0 ? 0 : 1)
            } else {
                metric.double(13, measured.value)
            }
            metrics.append(metric.bytes)
            meant.append(
                MeantReading(
                    device: "home/\(device.id)", metric: measured.quantity.metric, value: measured.value, unit: nil,
                    time: report.time))
        }
        var data = publication(
            "NDATA", of: device, metrics, sequence: UInt64(report.number % 256), time: report.writtenTime)
        data.meant = meant
        return [data]
    }

    func farewell(of devices: [Device]) -> [Publication] {
        devices.map { publication("NDEATH", of: $0, [deathSequence()], sequence: nil, time: nil) }
    }

    /// Ties a death to its birth.
    private func deathSequence() -> [UInt8] {
        var metric = ProtobufWriter()
        metric.text(1, "bdSeq")
        metric.varint(4, DataType.uint64)
        metric.varint(11, 0)
        return metric.bytes
    }

    private func publication(
        _ type: String, of device: Device, _ metrics: [[UInt8]], sequence: UInt64?, time: Int64?
    ) -> Publication {
        var payload = ProtobufWriter()
        if let time { payload.varint(1, UInt64(clamping: time)) }
        for metric in metrics { payload.data(2, metric) }
        if let sequence { payload.varint(3, sequence) }
        return Publication("spBv1.0/home/\(type)/\(device.id)", bytes: payload.bytes)
    }
}
