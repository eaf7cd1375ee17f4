import PayloadDecoders
import Readings

/// What is published to have a Sparkplug edge node tell its metrics again (Sparkplug 3.0, §6.4.20: `NCMD` with
/// `Node Control/Rebirth`), at QoS 0 and not retained.
public struct RebirthCommand: Sendable, Equatable {
    /// `spBv1.0/<group>/NCMD/<edge node>`, behind what stands before the node's own topics.
    public let topic: String
    public let payload: [UInt8]

    init(_ edge: SparkplugEdgeNode, now: Timestamp) {
        topic = "\(edge.prefix)spBv1.0/\(edge.group)/NCMD/\(edge.name)"
        let time = UInt64(max(0, now.milliseconds))
        // Payload and Metric of sparkplug_b.proto, by the numbers of their fields.
        var metric: [UInt8] = []
        metric.append(field: 1, bytes: Array("Node Control/Rebirth".utf8))
        metric.append(field: 3, varint: time)
        metric.append(field: 4, varint: RebirthCommand.booleanType)
        metric.append(field: 14, varint: 1)
        var payload: [UInt8] = []
        payload.append(field: 1, varint: time)
        payload.append(field: 2, bytes: metric)
        self.payload = payload
    }

    private static let booleanType: UInt64 = 11
}

/// An edge node as its topics name it.
struct SparkplugEdgeNode: Hashable {
    /// What stands before `spBv1.0` in its topics, such as `city/h7/`.
    var prefix: String
    var group: String
    var name: String
}

/// The protobuf wire format, as far as a command needs it.
extension [UInt8] {
    fileprivate mutating func append(varint: UInt64) {
        var rest = varint
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    fileprivate mutating func append(field: UInt64, varint: UInt64) {
        append(varint: field << 3)
        append(varint: varint)
    }

    fileprivate mutating func append(field: UInt64, bytes: [UInt8]) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
