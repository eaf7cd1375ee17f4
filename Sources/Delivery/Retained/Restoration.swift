/// What is published again since the connection to the broker is a new one: the broker may have lost its memory, come back with an
/// older one, or be another. A value.
///
/// Whatever was on its way when a connection ends is asked for again by the next, so that it does not matter where it was cut.
struct Restoration: Sendable {
    /// The connections there have been, as far as is known here.
    private(set) var connections: UInt64 = 0
    /// The alerts that are to be published again, in this order.
    private var waiting: [String] = []
    /// Those that the broker refuses for the time being, and when they are tried again.
    private var putOff: [String: DeliveryMoment] = [:]
    private var isDigestWaiting = false
    /// What is under way to the broker, and over which connection it went out.
    private var flight: (id: Int64, connections: UInt64)?

    /// What is published at a time: an alert that begins waits for no more.
    static let mostTogether = 10
    /// So long waits what the broker refuses: somebody has to change its access rules.
    static let putOffFor = Duration.seconds(600)

    /// There is another connection.
    mutating func begin(connections: UInt64) { self.connections = connections }

    /// Everything is to be published, these alerts in their order.
    mutating func restore(_ alerts: [String], hasDigest: Bool) {
        waiting = alerts
        putOff = [:]
        isDigestWaiting = hasDigest
    }

    var hasWork: Bool { isDigestWaiting || !waiting.isEmpty || !putOff.isEmpty }

    /// What is to be published now; it is under way if that is what is chosen.
    ///
    /// - Parameters:
    ///   - digest: the last one, if there is one.
    ///   - standing: how an alert stands; nil: it must not be said now.
    func next(at now: DeliveryMoment, digest: DigestNotice?, standing: (String) -> Standing?)
        -> [Standing]
    {
        if isDigestWaiting, let digest { return [.digest(digest)] }
        var chosen: [Standing] = []
        for alert in waiting {
            guard chosen.count < Restoration.mostTogether else { return chosen }
            if let one = standing(alert) { chosen.append(one) }
        }
        for alert in putOff.filter({ $0.value <= now }).map(\.key).sorted() {
            guard chosen.count < Restoration.mostTogether else { return chosen }
            if let one = standing(alert) { chosen.append(one) }
        }
        return chosen
    }

    /// The broker is given something, of which this is `standing`.
    mutating func take(_ standing: [Standing], of id: Int64) {
        flight = (id, connections)
        let alerts = Set(standing.compactMap(\.alert))
        if alerts.count < standing.count { isDigestWaiting = false }
        guard !alerts.isEmpty else { return }
        waiting.removeAll(where: alerts.contains)
        for alert in alerts { putOff[alert] = nil }
    }

    /// The broker has answered for what it was given.
    ///
    /// - Returns: whether there is another connection since: then nobody knows whether it has it still.
    mutating func end(_ id: Int64) -> Bool {
        guard let flight, flight.id == id else { return false }
        self.flight = nil
        return flight.connections != connections
    }

    /// Nobody knows whether the broker has it.
    mutating func putBack(_ standing: Standing) {
        guard let alert = standing.alert else {
            isDigestWaiting = true
            return
        }
        if !waiting.contains(alert) { waiting.append(alert) }
    }

    /// The broker does not take it now.
    mutating func putOff(_ standing: Standing, at now: DeliveryMoment) {
        guard let alert = standing.alert, !waiting.contains(alert) else { return }
        putOff[alert] = now.advanced(by: Restoration.putOffFor)
    }
}
