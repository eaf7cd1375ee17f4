import CMosquitto
import Glibc

/// Why the connection to the broker is not there, or could not be prepared.
public enum SubscriberError: Error, Equatable, CustomStringConvertible {
    case noDescriptor(Int32)
    case library(code: Int32, errno: Int32, doing: String)
    case refused(reason: Int32, byVersion5: Bool)
    case takenOver(clientID: String)
    case repeatedlyCut(clientID: String, times: Int)
    case disconnected(String)
    case subscriptionRefused(topic: String)
    case publicationRefused(topic: String, reason: Int32)
    case notDurable(String)

    public var description: String {
        switch self {
        case .noDescriptor(let code):
            return
                "no event descriptor: \(String(cString: strerror(code))); raise the limit of open files (LimitNOFILE=)"
        case .library(let code, let number, let doing):
            let reason =
                code == MOSQ_ERR_ERRNO.rawValue
                ? String(cString: strerror(number)) : String(cString: mosquitto_strerror(code))
            return "\(doing): \(reason)"
        case .refused(let reason, let byVersion5):
            let text = String(cString: byVersion5 ? mosquitto_reason_string(reason) : mosquitto_connack_string(reason))
            return
                "the broker refused the connection: \(text); see mqtt.username, mqtt.passwordFile and the broker's log"
        case .takenOver(let clientID):
            return
                "another client with the id '\(clientID)' took the session over; give each daemon its own mqtt.clientId"
        case .repeatedlyCut(let clientID, let times):
            return
                "the broker accepted us and hung up at once, \(times) times: does another client use the id '\(clientID)'? "
                + "Give each daemon its own mqtt.clientId"
        case .disconnected(let reason):
            return "the connection broke: \(reason)"
        case .subscriptionRefused(let topic):
            return "the broker refused the subscription to '\(topic)'; see its access rules (acl_file) and mqtt.topics"
        case .publicationRefused(let topic, let reason):
            let text = String(cString: mosquitto_reason_string(reason))
            let advice =
                reason == MQTT_RC_PACKET_TOO_LARGE.rawValue
                ? "raise its message_size_limit or max_packet_size" : "see its access rules (acl_file) and its log"
            return "the broker refused what was published to '\(topic)': \(text); \(advice)"
        case .notDurable(let reason):
            return "readings could not be stored, so they were not acknowledged: \(reason)"
        }
    }
}
