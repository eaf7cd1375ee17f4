/// Decides when the messages that have gathered are synced: when enough have, or when the first has waited its time.
///
/// The broker sends no more than the receive maximum without an acknowledgement, so the gate opens at half of it: while
/// we sync one half, the other is on its way.
struct BatchGate {
    let messageLimit: Int
    let byteLimit: Int
    private(set) var window: Duration

    private(set) var messages = 0
    private var bytes = 0
    private var opened: ContinuousClock.Instant?

    init(messageLimit: Int, byteLimit: Int, window: Duration) {
        self.messageLimit = max(1, messageLimit)
        self.byteLimit = byteLimit
        self.window = window
    }

    mutating func note(bytes count: Int) {
        messages += 1
        bytes += count
    }

    /// Starts the clock of a batch that has its first messages. The clock is read once a batch, not once a message.
    mutating func start(now: ContinuousClock.Instant) {
        if messages > 0, opened == nil { opened = now }
    }

    var isFull: Bool { messages >= messageLimit || bytes >= byteLimit }

    func isDue(now: ContinuousClock.Instant) -> Bool {
        guard messages > 0 else { return false }
        guard !isFull, let opened else { return true }
        return now - opened >= window
    }

    /// How long to wait for more messages at most; nil while there is no batch.
    func remaining(now: ContinuousClock.Instant) -> Duration? {
        guard messages > 0, let opened else { return nil }
        return max(.zero, window - (now - opened))
    }

    /// Empties the gate, for a next batch that waits for `window`.
    mutating func reset(window: Duration) {
        self.window = window
        messages = 0
        bytes = 0
        opened = nil
    }
}
