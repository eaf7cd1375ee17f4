/// A message as it lies in the library's memory: valid only for the duration of the call that hands it over.
public struct IncomingMessage {
    public let topic: String
    public let payload: UnsafeRawBufferPointer
    /// True for a stored message that came because of a subscription, not because it was published just now.
    public let retained: Bool
    /// The packet identifier, which the broker repeats when it sends an unacknowledged message again; 0 at QoS 0.
    public let packetID: UInt16
    /// What the DUP flag says: whether the broker sent this message before. Nil where it was not looked at.
    public let isRedelivery: Bool?
}

/// What takes the messages: decodes them, and makes them durable when asked. It lives on the subscriber's thread, and
/// every call comes from there.
public protocol MessageSink: AnyObject {
    /// Takes one message into the open batch.
    func receive(_ message: IncomingMessage)

    /// Makes all that was received since the last commit durable. Only when this returns may the broker hear of it.
    ///
    /// - Throws: if anything is not durable. The sink then forgets the batch: nothing of it is acknowledged, and the
    ///   broker sends it again on the next connection.
    func commit() throws

    /// A connection begins. If the broker kept our session, it first sends again what was not acknowledged, under the old
    /// packet identifiers (MQTT v5 §4.4); if not, the identifiers start anew.
    func connected(sessionPresent: Bool)

    /// Nothing that comes on this connection from now on was sent before; `isRedelivery` is no longer told.
    func redeliveriesAreOver()

    /// Whatever else belongs to this thread may be done now: called at each turn of the loop, connected or not, and soon
    /// after `BrokerLink.wakeUp()`. It should take no longer than a commit, because the broker waits meanwhile.
    func attend()
}

extension MessageSink {
    public func attend() {}
}
