import Readings

extension Convention {
    /// Sparkplug B, as in version 3.0 of its specification.
    public static let sparkplug = Convention(rawValue: "sparkplug")
}

/// `spBv1.0/<group>/<type>/<edge node>[/<device>]` with protobuf.
///
/// A birth names the metrics and gives them types and aliases, and data may leave out all but the alias; so what births
/// told is kept. A death that belongs to an older birth is void.
struct Sparkplug: ConventionDecoder {
    let convention = Convention.sparkplug

    private enum Role: UInt8 {
        case birth, data, death
        /// `STATE/<host>`, where hosts said before version 3.0 whether they are there.
        case hostState
    }

    private var edges: [String: SparkplugEdge] = [:]
    /// Of all edge nodes.
    private var birthCount = 0
    private var metricCount = 0

    var remembered: [Remembered] {
        [
            Remembered("Sparkplug edge nodes", edges.count, of: DecoderLimits.sparkplugEdges),
            Remembered(
                "Sparkplug births", edges.values.reduce(0) { $0 + $1.births.count }, of: DecoderLimits.sparkplugBirths),
            Remembered(
                "Sparkplug metrics", edges.values.reduce(0) { $0 + $1.metricCount },
                of: DecoderLimits.sparkplugMetrics),
        ]
    }

    func plan(for topic: Topic) -> TopicPlan? {
        let levels = topic.levels
        if levels.count == 2, levels[0] == "STATE" {
            return TopicPlan(isNative: false, role: Role.hostState.rawValue, device: topic.text)
        }
        guard levels[0] == "spBv1.0", levels.count >= 3 else { return nil }
        if levels[1] == "STATE" { return .ignored }
        let role: Role
        switch levels[2] {
        case "NBIRTH", "DBIRTH": role = .birth
        case "NDATA", "DDATA": role = .data
        case "NDEATH", "DDEATH": role = .death
        case "NCMD", "DCMD": return .ignored
        default: return nil
        }
        let isNode = levels[2].first == "N"
        guard levels.count == (isNode ? 4 : 5) else { return nil }
        let edge = "\(levels[1])/\(levels[3])"
        // A birth describes all that there is.
        return TopicPlan(
            handling: role == .birth ? .readMetadata : .read, role: role.rawValue, isBinary: true,
            device: isNode ? edge : "\(edge)/\(levels[4])", parent: edge)
    }

    mutating func decode(
        _ payload: Payload, by plan: TopicPlan, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) -> Verdict {
        guard let role = Role(rawValue: plan.role), role != .hostState, case .text(let bytes) = payload else {
            return Availability.parse(payload) == nil ? .notMine : .done
        }
        do throws(ProtobufFault) {
            let payload = try SparkplugPayload(bytes)
            if payload.isCompressed {
                message.refuse(.unsupported, "Sparkplug payloads that are compressed are not read")
                return .done
            }
            var reader = SparkplugReader(plan: plan, payload: payload, arrival: arrival)
            switch role {
            case .birth: try readBirth(&reader, context: &context, into: &message)
            case .data: try readData(&reader, context: &context, into: &message)
            case .death: try readDeath(&reader, into: &message)
            case .hostState: break
            }
        } catch {
            message.refuse(error.refusal.reason, error.refusal.detail)
        }
        return .done
    }

    // MARK: - Births

    private mutating func readBirth(
        _ reader: inout SparkplugReader, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) {
        let plan = reader.plan
        let birth = try reader.readBirth(context: &context, into: &message)
        let isNode = plan.device == plan.parent
        if isNode {
            forget(plan.parent)
        } else {
            forget(plan.device, of: plan.parent)
        }
        guard edges[plan.parent] != nil || edges.count < DecoderLimits.sparkplugEdges,
            birthCount < DecoderLimits.sparkplugBirths,
            metricCount + birth.metrics.count <= DecoderLimits.sparkplugMetrics
        else {
            message.refuse(
                .tooMuchMetadata,
                "more than \(DecoderLimits.sparkplugEdges) edge nodes, \(DecoderLimits.sparkplugBirths) births or "
                    + "\(DecoderLimits.sparkplugMetrics) metrics")
            return
        }
        if !isNode { followSequence(of: reader, into: &message) }
        var edge = edges[plan.parent] ?? SparkplugEdge()
        if isNode {
            edge.birthDeathSequence = reader.birthDeathSequence
        } else if edge.births[plan.parent] == nil {
            want(.noBirth, of: plan, into: &message)
        }
        edge.lastSequence = reader.payload.sequence ?? edge.lastSequence
        edge.births[plan.device] = birth
        edges[plan.parent] = edge
        birthCount += 1
        metricCount += birth.metrics.count
        message.add(DeviceState(device: plan.device, available: true))
    }

    /// A new birth of an edge node, or its death, makes all void that was known of its devices.
    private mutating func forget(_ name: String) {
        guard let edge = edges.removeValue(forKey: name) else { return }
        birthCount -= edge.births.count
        metricCount -= edge.metricCount
    }

    private mutating func forget(_ device: String, of edge: String) {
        guard let birth = edges[edge]?.births.removeValue(forKey: device) else { return }
        birthCount -= 1
        metricCount -= birth.metrics.count
    }

    // MARK: - Data

    private mutating func readData(
        _ reader: inout SparkplugReader, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(ProtobufFault) {
        let plan = reader.plan
        let birth = edges[plan.parent]?.births[plan.device].flatMap { $0.isAlive ? $0 : nil }
        let unknown = try reader.readData(birth: birth, context: &context, into: &message)
        followSequence(of: reader, into: &message)
        if birth == nil {
            want(.noBirth, of: plan, into: &message)
        } else if let alias = unknown?.alias {
            want(.unknownAlias(alias), of: plan, into: &message)
        }
        if let unknown, message.readings.isEmpty {
            message.refuse(.unknownMetric, "\(unknown) of \(plan.device): no birth has told what it is")
        }
    }

    /// Edge node and devices count their messages together, modulo 256.
    private mutating func followSequence(of reader: SparkplugReader, into message: inout DecodedMessage) {
        guard let sequence = reader.payload.sequence, let edge = edges[reader.plan.parent] else { return }
        edges[reader.plan.parent]?.lastSequence = sequence
        // The same number once more is a message that came twice.
        guard let last = edge.lastSequence, sequence != last, sequence != last &+ 1 else { return }
        want(.sequenceGap(after: last, before: sequence), of: reader.plan, into: &message)
    }

    // MARK: - Deaths

    private mutating func readDeath(
        _ reader: inout SparkplugReader, into message: inout DecodedMessage
    ) throws(ProtobufFault) {
        let plan = reader.plan
        guard plan.device == plan.parent else {
            followSequence(of: reader, into: &message)
            if let birth = edges[plan.parent]?.births[plan.device] {
                metricCount -= birth.metrics.count
                edges[plan.parent]?.births[plan.device] = SparkplugBirth()
            }
            message.add(DeviceState(device: plan.device, available: false))
            return
        }
        let sequence = try reader.readBirthDeathSequence()
        let edge = edges[plan.parent]
        // The will of a connection that was over before the last birth.
        if let sequence, let born = edge?.birthDeathSequence, sequence != born { return }
        forget(plan.parent)
        message.add(DeviceState(device: plan.device, available: false))
        for device in edge?.births.keys.sorted() ?? [] where device != plan.device {
            message.add(DeviceState(device: device, available: false))
        }
    }

    private func want(_ reason: RebirthRequest.Reason, of plan: TopicPlan, into message: inout DecodedMessage) {
        let names = plan.parent.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard names.count == 2 else { return }
        message.rebirthWanted = RebirthRequest(group: String(names[0]), edgeNode: String(names[1]), reason: reason)
    }
}
