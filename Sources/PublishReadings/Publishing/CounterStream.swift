import ArgumentParser

/// A stream that can be checked to the last message: the numbers 1, 2, 3 … at QoS 1, and a file with those of them that the
/// broker has acknowledged. What stands in the file and not in the history was lost.
///
/// Number `n` goes to device `1 + (n − 1) % devices`, as its metric `counter`.
struct CounterStream {
    enum Style: String, CaseIterable, ExpressibleByArgument {
        /// `{"ts":…,"counter":n}` on `ledger/device-1`
        case json
        /// `n` on `ledger/device-1/counter`
        case plain
    }

    let style: Style
    let devices: Int
    /// Numbers a second; nil: as fast as they are acknowledged.
    let rate: Double?
    let count: Int?
    let duration: Duration?
    let topicPrefix: String

    /// Publishes until the end and returns how many numbers were sent, and how many of them were acknowledged.
    func run(to address: BrokerAddress, window: Int, ledger path: String) throws -> (Int, acknowledged: Int) {
        let ledger = try AcknowledgementLedger(path: path)
        let connection = try BrokerConnection(to: address, qos: 1, window: window) { ledger.acknowledged(packetID: $0) }
        let start = ContinuousClock.now
        let end = duration.map { start + $0 }
        var times = [Int64](repeating: 0, count: devices)
        var number = 0
        while !StopRequest.isMade, number < count ?? .max {
            if let rate {
                let due = start + .nanoseconds(Int64(Double(number) / rate * 1e9))
                try connection.wait(until: min(due, end ?? due))
            }
            if let end, ContinuousClock.now >= end { break }
            if StopRequest.isMade { break }
            number += 1
            let device = (number - 1) % devices
            // Two numbers of one device at one time would be one reading.
            times[device] = max(times[device] + 1, wallClock())
            let packetID = try connection.publishNumbered(message(number, device: device, time: times[device]))
            ledger.published(Array("\(number)\n".utf8), packetID: packetID)
            try ledger.flush()
        }
        try ledger.finish(connection)
        return (number, connection.acknowledged ?? 0)
    }

    private func message(_ number: Int, device: Int, time: Int64) -> Publication {
        let prefix = topicPrefix.isEmpty ? "" : topicPrefix + "/"
        let topic = "\(prefix)ledger/device-\(device + 1)"
        return switch style {
        case .json: Publication(topic, #"{"ts":\#(time),"counter":\#(number)}"#)
        case .plain: Publication(topic + "/counter", "\(number)")
        }
    }
}
