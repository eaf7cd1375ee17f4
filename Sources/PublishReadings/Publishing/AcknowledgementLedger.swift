import Glibc

/// A file with what the broker has acknowledged, in the order of the acknowledgements: what stands there and is not in the
/// history was lost.
final class AcknowledgementLedger {
    private let path: String
    private let descriptor: Int32
    private var entries: [Int32: [UInt8]] = [:]
    /// Packet identifiers that the broker acknowledged before the call that published them had returned.
    private var early: Set<Int32> = []
    private var unwritten: [UInt8] = []

    /// Opens the file, to append to it.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw PublishingError.ledger(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Notes what the packet means: whole lines, or nothing.
    func published(_ lines: [UInt8], packetID: Int32) {
        if early.remove(packetID) == nil {
            entries[packetID] = lines
        } else {
            unwritten += lines
        }
    }

    func acknowledged(packetID: Int32) {
        if let lines = entries.removeValue(forKey: packetID) {
            unwritten += lines
        } else {
            early.insert(packetID)
        }
    }

    func flush() throws {
        var written = 0
        while written < unwritten.count {
            let count = unwritten.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw PublishingError.ledger(path: path, reason: String(cString: strerror(errno)))
            }
        }
        unwritten.removeAll(keepingCapacity: true)
    }

    /// Ends the connection. What it has acknowledged by then is written, whether it ends well or not.
    func finish(_ connection: BrokerConnection) throws {
        let end = Result { try connection.finish() }
        try flush()
        try end.get()
    }
}

/// Publishes, and notes in a ledger the readings that acknowledged messages mean: JSON lines with `topic`, `device`,
/// `metric`, `value`, `unit` and `time`, the latter null where the message tells none.
final class LedgerOutlet: Outlet {
    private let ledger: AcknowledgementLedger
    private let connection: BrokerConnection

    init(to address: BrokerAddress, window: Int, ledger path: String) throws {
        let ledger = try AcknowledgementLedger(path: path)
        self.ledger = ledger
        connection = try BrokerConnection(to: address, qos: 1, window: window) { ledger.acknowledged(packetID: $0) }
    }

    var acknowledged: Int? { connection.acknowledged }

    func publish(_ publication: Publication) throws {
        let packetID = try connection.publishNumbered(publication)
        ledger.published(LedgerOutlet.lines(publication), packetID: packetID)
        try ledger.flush()
    }

    func wait(until deadline: ContinuousClock.Instant) throws {
        try connection.wait(until: deadline)
        try ledger.flush()
    }

    func finish() throws {
        try ledger.finish(connection)
    }

    private static func lines(_ publication: Publication) -> [UInt8] {
        var lines: [UInt8] = []
        for reading in publication.meant {
            let line = object([
                member("topic", quoted(publication.topic)), member("device", quoted(reading.device)),
                member("metric", quoted(reading.metric)), member("value", "\(reading.value)"),
                member("unit", reading.unit.map(quoted) ?? "null"),
                member("time", reading.time.map { quoted(TimeText.utc($0)) } ?? "null"),
            ])
            lines += Array((line + "\n").utf8)
        }
        return lines
    }
}
