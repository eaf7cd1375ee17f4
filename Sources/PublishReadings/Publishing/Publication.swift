/// One MQTT message to publish.
struct Publication: Sendable {
    var topic: String
    var payload: [UInt8]
    var retain: Bool
    /// What a reader must make of it, at least.
    var meant: [MeantReading]

    init(_ topic: String, _ payload: String, retain: Bool = false, meaning meant: [MeantReading] = []) {
        self.init(topic, bytes: Array(payload.utf8), retain: retain, meaning: meant)
    }

    init(_ topic: String, bytes: [UInt8], retain: Bool = false, meaning meant: [MeantReading] = []) {
        self.topic = topic
        self.payload = bytes
        self.retain = retain
        self.meant = meant
    }
}

/// Messages that are due together.
struct Burst {
    /// Seconds after the start.
    var due: Double
    var publications: [Publication]
    /// How much of all there is is done with it, 0 … 1; nil if there is no end.
    var progress: Double?
}

/// Where messages come from, in the order in which they are due.
protocol MessageSource {
    /// Nil at the end.
    mutating func next() -> Burst?
    /// What is said at the end, however it comes.
    func farewell() -> [Publication]
}
