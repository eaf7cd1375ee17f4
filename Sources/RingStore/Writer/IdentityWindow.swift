/// The newest message identities, up to a number.
struct IdentityWindow {
    private var ring: [MessageIdentity] = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    /// The oldest first.
    var all: [MessageIdentity] { Array(ring[next...] + ring[..<next]) }

    mutating func append(_ identity: MessageIdentity) {
        if ring.count < capacity {
            ring.append(identity)
        } else if capacity > 0 {
            ring[next] = identity
            next = (next + 1) % capacity
        }
    }
}
