/// A number that tells a redelivered message from a new one: packet identifier, topic and payload, hashed.
///
/// A message without a time of its own gets its arrival as time, so that a second delivery would look like a second
/// reading. The broker repeats an unacknowledged message under its old packet identifier (MQTT v5 §4.4), and that is how it is
/// known again: the fingerprints of the last messages are stored with their readings, in the same frame.
struct MessageFingerprint: Hashable {
    let value: UInt64

    /// FNV-1a (Fowler, Noll, Vo; RFC 9923), 64 bits, with a final mix for the few bytes that it leaves close together.
    init(packetID: UInt16, topic: String, payload: UnsafeRawBufferPointer) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        add(UInt8(truncatingIfNeeded: packetID))
        add(UInt8(truncatingIfNeeded: packetID >> 8))
        for byte in topic.utf8 { add(byte) }
        // A byte that UTF-8 never has, so that topic and payload cannot run into each other.
        add(0xff)
        for byte in payload { add(byte) }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        value = hash ^ (hash >> 33)
    }
}
