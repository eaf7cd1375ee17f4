/// A Sparkplug edge node that should be asked to tell its metrics again (`Node Control/Rebirth`), since a birth of it or
/// a message is missing.
///
/// Asking means publishing, so it is up to whoever may, and comes with every message that shows the need: whoever asks
/// must not ask for each.
public struct RebirthRequest: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The edge node or the device was there before we were.
        case noBirth
        /// A birth came, and does not name the metric with this alias.
        case unknownAlias(UInt64)
        /// Messages are missing between the ones with these sequence numbers.
        case sequenceGap(after: UInt8, before: UInt8)
    }

    public var group: String
    public var edgeNode: String
    public var reason: Reason
}
