import PayloadDecoders
import Readings

/// Gives the readings of a message their times, by the clocks of their devices.
struct ReadingDates {
    var arrival: Timestamp
    var isRetained: Bool

    /// - Parameter judge: what the clock of a device makes of the time it told, and of its readings.
    func give(
        to readings: inout [Reading], _ judge: (DeviceClock.Sighting, ArraySlice<Reading>) -> DeviceClock.Verdict
    ) {
        var first = 0
        while first < readings.count {
            var end = first + 1
            while end < readings.count, readings[end].device == readings[first].device { end += 1 }
            if let seen = sighting(in: readings[first..<end]) {
                let verdict = judge(seen, readings[first..<end])
                for index in first..<end { date(&readings[index], verdict, seen) }
            }
            first = end
        }
        // Retained, and of unknown age.
        if isRetained { readings.removeAll { !$0.timeIsDevices } }
    }

    /// The time by which the clock of the readings' device is judged; nil if they tell none.
    ///
    /// It is the newest that isn't ahead, if there is any: one that is ahead must not spoil the others of its message.
    private func sighting(in readings: ArraySlice<Reading>) -> DeviceClock.Sighting? {
        var chosen: Timestamp?
        var uptime: Int64?
        for reading in readings {
            if let time = reading.deviceTime, chosen.map({ isBetter(time, than: $0) }) ?? true { chosen = time }
            if let milliseconds = reading.uptimeMilliseconds { uptime = milliseconds }
        }
        return chosen.map {
            DeviceClock.Sighting(
                arrival: arrival, deviceTime: $0, isBelievable: $0.isBelievable(receivedAt: arrival), uptime: uptime)
        }
    }

    private func isBetter(_ time: Timestamp, than other: Timestamp) -> Bool {
        isAhead(time) == isAhead(other) ? time > other : isAhead(other)
    }

    private func isAhead(_ time: Timestamp) -> Bool {
        time.milliseconds(since: arrival) > DeviceClock.mostAhead
    }

    private func date(_ reading: inout Reading, _ verdict: DeviceClock.Verdict, _ seen: DeviceClock.Sighting) {
        guard let deviceTime = reading.deviceTime else { return }
        if case .shifted(let shift) = verdict {
            let time = deviceTime.advanced(byMilliseconds: -shift)
            // The clock that was judged may have been found right although our own shows an earlier time.
            let latest = max(arrival, seen.time(shift)).advanced(byMilliseconds: DeviceClock.mostAhead)
            reading.timeIsDevices = time <= latest && time.isBelievable(receivedAt: latest)
            reading.time = reading.timeIsDevices ? time : arrival
        } else {
            reading.timeIsDevices = false
            reading.time = arrival
        }
    }
}

extension Reading {
    /// How long its device has been running, if it says so.
    fileprivate var uptimeMilliseconds: Int64? {
        guard unit == "s", metric == "uptime_sec" || metric.hasSuffix("uptime"), value >= 0 else { return nil }
        return Int64(exactly: (value * 1000).rounded())
    }
}
