/// Decides when the messages that have gathered are synced: when enough have, or when the first has waited its time.
///
/// The broker sends no more than the receive maximum without an acknowledgement, so the gate opens at half of it: while
/// we sync one half, the other is on its way.
///
/// Brokers have a maximum of their own, which they do not tell (mosquitto's `max_inflight_messages`: 20), and then a long
/// window would let that many through and no more. It shows: right after the acknowledgements of a batch that waited, as
/// many come again. From then on the gate opens at half of that.
struct BatchGate {
    private(set) var messageLimit: Int
    let byteLimit: Int
    private(set) var window: Duration

    private(set) var messages = 0
    private var bytes = 0
    private var opened: ContinuousClock.Instant?
    /// The last batch, if it waited for its window.
    private var waited: (messages: Int, until: ContinuousClock.Instant)?

    /// What comes so soon after an acknowledgement was held back for it.
    private static let answer = Duration.milliseconds(50)
    /// Below, chance could look like a maximum.
    private static let leastMaximum = 4

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
        guard let before = waited else { return }
        if now - before.until > BatchGate.answer {
            waited = nil
        } else if messages * 2 >= before.messages {
            messageLimit = max(1, before.messages / 2)
            waited = nil
        }
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
    mutating func reset(window: Duration, now: ContinuousClock.Instant) {
        let isLong = self.window > BatchGate.answer && messages >= BatchGate.leastMaximum
        waited = isLong && !isFull ? (messages, now) : nil
        self.window = window
        messages = 0
        bytes = 0
        opened = nil
    }
}
