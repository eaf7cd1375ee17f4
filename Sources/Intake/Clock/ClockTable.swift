import Readings

/// The clocks of all devices that tell times, as many as there is room for.
///
/// A device that doesn't fit takes the place of one that said nothing since the last time round; what is forgotten so is
/// found out again.
struct ClockTable {
    private struct Entry {
        var key: DeviceTable.Key
        var clock: DeviceClock
        var wasUsed: Bool
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var indexes: [DeviceTable.Key: Int] = [:]
    private var hand = 0
    private var host = HostClock()

    init(limit: Int = 10_000) {
        self.limit = max(1, limit)
    }

    var count: Int { entries.count }

    /// What the clock of a device makes of its times in a message.
    ///
    /// - Parameters:
    ///   - isOld: whether the message was retained or may have come before, and says nothing of the clock of now.
    ///   - makeClock: asked for the clock of a device that is not known yet.
    mutating func judge(
        _ seen: DeviceClock.Sighting, of key: DeviceTable.Key, isOld: Bool, _ makeClock: () -> DeviceClock
    ) -> DeviceClock.Verdict {
        let index = index(of: key, makeClock)
        var seen = seen
        guard let lag = host.lag(seen, of: key, wasRight: entries[index].clock.wasRight, isOld: isOld) else {
            return .byArrival
        }
        if lag != 0 {
            seen.arrival = seen.arrival.advanced(byMilliseconds: lag)
            seen.isBelievable = seen.deviceTime.isBelievable(receivedAt: seen.arrival)
        }
        return isOld ? entries[index].clock.judgeOld(seen) : entries[index].clock.judge(seen)
    }

    /// By how much the device's clock is known to be, or to have been, ahead, beside not at all.
    func offsets(of key: DeviceTable.Key) -> [Int64] {
        guard let index = indexes[key] else { return [] }
        return [entries[index].clock.offset, entries[index].clock.formerOffset].filter { $0 != 0 }
    }

    private mutating func index(of key: DeviceTable.Key, _ makeClock: () -> DeviceClock) -> Int {
        if let index = indexes[key] {
            entries[index].wasUsed = true
            return index
        }
        return add(Entry(key: key, clock: makeClock(), wasUsed: true))
    }

    /// The clock algorithm: whoever was used since the hand came by last stays for another round.
    private mutating func add(_ entry: Entry) -> Int {
        if entries.count < limit {
            indexes[entry.key] = entries.count
            entries.append(entry)
            return entries.count - 1
        }
        while entries[hand].wasUsed {
            entries[hand].wasUsed = false
            hand = (hand + 1) % limit
        }
        defer { hand = (hand + 1) % limit }
        indexes[entries[hand].key] = nil
        indexes[entry.key] = hand
        entries[hand] = entry
        return hand
    }
}
