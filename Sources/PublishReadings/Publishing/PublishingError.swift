/// Why publishing ended before its time.
enum PublishingError: Error, CustomStringConvertible {
    case unreachable(BrokerAddress, reason: String)
    case refused(BrokerAddress, reason: String)
    case library(doing: String, reason: String)
    case notAcknowledged(Int)
    case ledger(path: String, reason: String)

    var description: String {
        switch self {
        case .unreachable(let address, let reason):
            "cannot reach a broker at \(address): \(reason). Start one with 'mosquitto -p \(address.port)', or name "
                + "another with --broker HOST:PORT."
        case .refused(let address, let reason):
            "the broker at \(address) refuses us: \(reason). This program logs in without a name; the broker must allow it."
        case .library(let doing, let reason): "\(doing): \(reason)"
        case .notAcknowledged(let count):
            "the broker has not acknowledged \(count) messages in time; they may or may not have arrived."
        case .ledger(let path, let reason): "cannot write the ledger \(path): \(reason)."
        }
    }
}
