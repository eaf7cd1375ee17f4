/// Knows the messages again that the broker sends a second time at the start of a connection.
///
/// MQTT v5 §4.4: after a reconnect the broker sends what was not acknowledged, with the old packet identifiers, before
/// anything new. So a fingerprint counts only until the subscriber says that such messages can no longer come, only once,
/// and not against a message whose DUP flag says that it is new: a sensor that repeats itself must not be taken for a
/// broker that does.
struct RedeliveryWindow {
    private var pending: Set<UInt64>
    /// Whether messages may still come that came before.
    private(set) var isOpen: Bool

    /// - Parameter fingerprints: nil if nothing can come again.
    init(_ fingerprints: [UInt64]? = nil) {
        pending = Set(fingerprints ?? [])
        isOpen = fingerprints != nil
    }

    mutating func recognises(_ fingerprint: UInt64, isRedelivery: Bool?) -> Bool {
        guard !pending.isEmpty else { return false }
        return isRedelivery != false && pending.remove(fingerprint) != nil
    }

    /// Nothing that comes from now on was sent before.
    mutating func close() {
        pending = []
        isOpen = false
    }
}

/// The fingerprints of the messages that were refused last. The store remembers those with readings alone, and a message that
/// is refused a second time would be kept, and later read, twice.
struct RefusedFingerprints {
    /// As many as the store remembers of the others.
    private static let limit = 2048

    private(set) var values: [UInt64] = []

    mutating func add(_ fingerprints: [UInt64]) {
        values += fingerprints
        // Seldom, so that the rest is not moved for each message.
        if values.count > 2 * RefusedFingerprints.limit { values.removeFirst(values.count - RefusedFingerprints.limit) }
    }
}
