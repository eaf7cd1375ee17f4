import Readings

extension Convention {
    /// InfluxDB's line protocol.
    public static let lineProtocol = Convention(rawValue: "influx-line")
}

/// `measurement,tag=value field=value,field=value time`, a line a point.
struct LineProtocol {
    /// Tags that say which device it is, the surest first.
    private static let deviceTags: [StaticString] = [
        "device", "device_id", "dev", "sensor", "sensor_id", "node", "host", "id", "name",
    ]

    /// Whose the values of a point without tags are.
    private let device: String
    private let arrival: Arrival

    init(device: String, arrival: Arrival) {
        self.device = device
        self.arrival = arrival
    }

    /// Adds the readings of all lines that can be read; one that can't doesn't spoil the others.
    ///
    /// - Returns: whether any line could be read; else `message` is refused if it is known why, or as it was.
    func read(
        _ text: UnsafeRawBufferPointer, context: inout DecodingContext, into message: inout DecodedMessage
    ) -> Bool {
        var scanner = LineScanner(text)
        var isLineProtocol = false
        var fault: NameFault?
        while scanner.skipToPoint() {
            guard let point = scanner.point() else { continue }
            do throws(NameFault) {
                try add(point, context: &context, into: &message)
                isLineProtocol = true
            } catch {
                fault = fault ?? error
            }
            if message.refusal != nil { break }
        }
        if isLineProtocol || fault != nil { message.convention = .lineProtocol }
        if !isLineProtocol, let fault { message.refuse(.invalidName, "in line protocol \(fault)") }
        return isLineProtocol
    }

    private func add(
        _ point: LineScanner.Point, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(NameFault) {
        let (device, labels) = try identity(of: point.tags)
        let measurement = point.measurement.key(&context.keys).word
        var time: DeviceTime?
        if let written = point.time {
            time = context.clock.read(WrittenTime(epoch: written), receivedAt: arrival.receivedAt)
        }
        let firstReading = message.readings.count
        var fields = LineScanner.Fields(point.fields)
        while let field = fields.next() {
            guard case .number(let value) = field.value else { continue }
            let key = field.key.key(&context.keys)
            guard key.role == .field else { continue }
            let metric = SnakeCase.metric(key.word == "value" ? measurement : measurement + "_" + key.word)
            // Of a field that comes twice the last counts.
            if message.readings.count > firstReading,
                let twin = message.readings[firstReading...].firstIndex(where: { $0.metric == metric })
            {
                message.readings.remove(at: twin)
            }
            message.add(
                value, unit: nil, of: metric, device: device, deviceTime: time, arrival: arrival, labels: labels)
            if message.refusal != nil { return }
        }
    }

    /// The tag that names the device is left out of the labels, and so are those that Quantrac itself gives a meaning. Without
    /// one all tags together name it. In whichever order tags come, they are the same labels.
    private func identity(of tags: [LineScanner.Pair]) throws(NameFault) -> (device: String, labels: [Label]) {
        if tags.isEmpty { return (device, []) }
        let deviceTag = LineProtocol.deviceTags.lazy
            .compactMap { word in tags.lastIndex { $0.key.isSame(word) } }.first
        var labels: [Label] = []
        labels.reserveCapacity(tags.count)
        for (index, tag) in tags.enumerated() where index != deviceTag {
            let label = Label(CanonicalText.composed(tag.key.text), CanonicalText.composed(tag.value.text))
            if let fault = SafeName.fault(in: label.name) ?? SafeName.fault(in: label.value) { throw fault }
            labels.removeAll { $0.name == label.name }
            labels.append(label)
        }
        let device =
            deviceTag.map { CanonicalText.composed(tags[$0].value.text) }
            ?? labels.map(\.value).joined(separator: "/")
        if let fault = SafeName.fault(in: device) { throw fault }
        labels.removeAll { LabelName.isReserved($0.name) }
        labels.sort()
        return (device, labels)
    }
}
