/// What a message without device time is recognised by when the broker delivers it again: a hash of its packet id,
/// topic and payload, made by the intake.
public struct MessageIdentity: Hashable, Sendable {
    public let hash: UInt64

    public init(_ hash: UInt64) {
        self.hash = hash
    }
}
