import CMosquitto

/// Why the broker does not have a publication, or may not have it.
public struct PublicationFailure: Error, Equatable, CustomStringConvertible {
    /// What another try may bring.
    public enum Prospect: Sendable, Equatable {
        /// The broker was not asked, or did not answer.
        case unknown
        /// The broker refuses it: until somebody changes its access rules or its quotas, or it is well again.
        case refused
        /// The same message would be refused again, whenever it comes.
        case hopeless
    }

    public let prospect: Prospect
    public let description: String

    init(_ reason: String) {
        prospect = .unknown
        description = reason
    }

    /// Of a publication that the library did not take, or the broker refused.
    init(_ error: SubscriberError) {
        description = error.description
        prospect =
            switch error {
            case .publicationRefused(_, let reason):
                PublicationFailure.hopelessReasons.contains(reason) ? .hopeless : .refused
            case .library(let code, _, _): PublicationFailure.hopelessCodes.contains(code) ? .hopeless : .unknown
            default: .unknown
            }
    }

    /// MQTT 5.0, 3.4.2.1: what is said of the message and not of us, or of the moment.
    private static let hopelessReasons = Set(
        [MQTT_RC_TOPIC_NAME_INVALID, MQTT_RC_PACKET_TOO_LARGE, MQTT_RC_PAYLOAD_FORMAT_INVALID].map {
            Int32($0.rawValue)
        })

    /// The same where the library knows before it asks; the broker says at the beginning how long packets may be.
    private static let hopelessCodes = Set(
        [MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_MALFORMED_UTF8].map { Int32($0.rawValue) })
}
