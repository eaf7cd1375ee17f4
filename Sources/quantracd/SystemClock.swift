import Foundation
import Readings

extension Timestamp {
    /// The system's clock. Only the daemon's edge reads it; everything inside is given the time.
    static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
