import Readings

/// Makes readings of one Sparkplug message's metrics.
struct SparkplugReader {
    let plan: TopicPlan
    let payload: SparkplugPayload
    private let arrival: Arrival
    /// What a birth's `bdSeq` says.
    private(set) var birthDeathSequence: UInt64?

    init(plan: TopicPlan, payload: SparkplugPayload, arrival: Arrival) {
        self.plan = plan
        self.payload = payload
        self.arrival = arrival
    }

    /// A metric that no birth has told of.
    struct Unknown: CustomStringConvertible {
        var name: String?
        var alias: UInt64?

        var description: String {
            name.map { "the metric \"\(SafeName.shown($0) ?? "…")\"" } ?? alias.map { "the metric with alias \($0)" }
                ?? "a metric without name and alias"
        }
    }

    // MARK: - Births

    /// Reads what a birth tells; its values are readings, too.
    mutating func readBirth(
        context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) -> SparkplugBirth {
        var birth = SparkplugBirth()
        var metrics = payload.metrics
        while let metric = try metrics.next() {
            guard let name = metric.name else { continue }
            if isBirthDeathSequence(name), case .bits(let number) = metric.value { birthDeathSequence = number }
            try learn(metric, named: name, in: nil, depth: 0, birth: &birth, context: &context, into: &message)
            if birth.metrics.count > DecoderLimits.sparkplugMetrics { break }
        }
        return birth
    }

    private func learn(
        _ metric: SparkplugMetric, named name: UnsafeRawBufferPointer, in template: String?, depth: Int,
        birth: inout SparkplugBirth, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) {
        guard let path = path(name, in: template) else {
            birth.add(SparkplugBirth.Metric(name: nil, datatype: metric.datatype), named: nil, alias: metric.alias)
            return
        }
        let key = template == nil ? context.keys.key(name) : FieldKey(path)
        let known = SparkplugBirth.Metric(
            name: key.role == .field && !isControl(name, in: template) ? SnakeCase.metric(key.word) : nil,
            datatype: metric.datatype)
        birth.add(known, named: path, alias: metric.alias)
        guard case .template(let bytes) = metric.value, !metric.isNull else {
            add(metric, as: known, context: &context, into: &message)
            return
        }
        guard depth < DecoderLimits.sparkplugTemplateDepth, try !isDefinition(bytes) else { return }
        var members = SparkplugMetrics(bytes)
        while let member = try members.next() {
            guard let name = member.name, birth.metrics.count <= DecoderLimits.sparkplugMetrics else { continue }
            try learn(
                member, named: name, in: path, depth: depth + 1, birth: &birth, context: &context, into: &message)
        }
    }

    // MARK: - Data

    /// Reads values, of metrics that `birth` told of or that tell all of themselves.
    ///
    /// - Returns: the first metric that is not known; nil if all are.
    func readData(
        birth: SparkplugBirth?, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) -> Unknown? {
        try readData(payload.metrics, in: nil, depth: 0, birth: birth, context: &context, into: &message)
    }

    private func readData(
        _ metrics: SparkplugMetrics, in template: String?, depth: Int, birth: SparkplugBirth?,
        context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) -> Unknown? {
        var metrics = metrics
        var unknown: Unknown?
        while let metric = try metrics.next() {
            if case .template(let bytes) = metric.value {
                guard depth < DecoderLimits.sparkplugTemplateDepth, !metric.isNull, try !isDefinition(bytes),
                    let path = metric.name.flatMap({ path($0, in: template) })
                else { continue }
                let inside = try readData(
                    SparkplugMetrics(bytes), in: path, depth: depth + 1, birth: birth, context: &context, into: &message
                )
                unknown = unknown ?? inside
            } else if let known = metricKnown(metric, in: template, birth: birth, context: &context) {
                add(metric, as: known, context: &context, into: &message)
            } else if unknown == nil {
                unknown = Unknown(
                    name: metric.name.map { String(decoding: $0, as: UTF8.self) }, alias: metric.alias)
            }
        }
        return unknown
    }

    /// What is known of a metric: its own name goes before the alias, its own type before the birth's.
    private func metricKnown(
        _ metric: SparkplugMetric, in template: String?, birth: SparkplugBirth?, context: inout DecodingContext
    ) -> SparkplugBirth.Metric? {
        guard let name = metric.name else {
            guard let alias = metric.alias, var known = birth?.metric(alias: alias) else { return nil }
            if metric.datatype != 0 { known.datatype = metric.datatype }
            return known
        }
        if isControl(name, in: template) { return SparkplugBirth.Metric(name: nil, datatype: 0) }
        var path = ""
        if template != nil || metric.datatype == 0 {
            guard let whole = self.path(name, in: template) else {
                return SparkplugBirth.Metric(name: nil, datatype: 0)
            }
            path = whole
        }
        var datatype = metric.datatype
        if datatype == 0, let known = birth?.metric(named: path) { datatype = known.datatype }
        if datatype == 0, metric.needsDatatype { return nil }
        let key = template == nil ? context.keys.key(name) : FieldKey(path)
        return SparkplugBirth.Metric(name: key.role == .field ? SnakeCase.metric(key.word) : nil, datatype: datatype)
    }

    private func add(
        _ metric: SparkplugMetric, as known: SparkplugBirth.Metric, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        guard let name = known.name, let number = metric.number(ofDatatype: known.datatype) else { return }
        var time = time(metric.timestamp, context: &context)
        if time?.isBelievable != true {
            time = DeviceTime.better(time, self.time(payload.timestamp, context: &context))
        }
        message.add(number, unit: nil, of: name, device: plan.device, deviceTime: time, arrival: arrival)
    }

    private func time(_ written: UInt64?, context: inout DecodingContext) -> DeviceTime? {
        // Some send seconds; as milliseconds those would be of 1970.
        guard let written, let number = Int64(exactly: written) else { return nil }
        return context.clock.read(WrittenTime(epoch: number), receivedAt: arrival.receivedAt)
    }

    // MARK: - Names with a meaning of their own

    /// The `bdSeq` of a death.
    func readBirthDeathSequence() throws(ProtobufFault) -> UInt64? {
        var metrics = payload.metrics
        while let metric = try metrics.next() {
            if let name = metric.name, isBirthDeathSequence(name), case .bits(let number) = metric.value {
                return number
            }
        }
        return nil
    }

    /// A metric's name behind those of the templates around it; nil if together they are longer than any that is remembered.
    private func path(_ name: UnsafeRawBufferPointer, in template: String?) -> String? {
        guard (template?.utf8.count ?? 0) + name.count < DecoderLimits.sparkplugNameBytes else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        return template.map { $0 + "/" + text } ?? text
    }

    private func isBirthDeathSequence(_ name: UnsafeRawBufferPointer) -> Bool {
        name.elementsEqual("bdSeq".utf8)
    }

    private func isControl(_ name: UnsafeRawBufferPointer, in template: String?) -> Bool {
        guard template == nil else { return false }
        return isBirthDeathSequence(name) || name.starts(with: "Node Control/".utf8)
            || name.starts(with: "Device Control/".utf8)
    }

    /// Whether a template only says how others of its kind look.
    private func isDefinition(_ template: UnsafeRawBufferPointer) throws(ProtobufFault) -> Bool {
        var reader = ProtobufReader(template)
        while let field = try reader.next() {
            if field.number == 5, case .varint(let flag) = field.value { return flag != 0 }
        }
        return false
    }
}
