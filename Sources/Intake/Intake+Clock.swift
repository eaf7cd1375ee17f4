import PayloadDecoders
import Readings

/// The series that marks repaired times: how far a device's clock was ahead of what was stored, in seconds. It has a sample
/// wherever a reading of the device was repaired, and nowhere else.
public enum ClockMark {
    /// The name of the series, beside household and device.
    public static let metric = "device_clock_offset"
    static let field = ReadingField(metric: metric, unit: "s")

    /// Nil if `reading`, stored under `time`, has not been repaired, or its device's time is none.
    static func value(of reading: Reading, storedAt time: Timestamp) -> Double? {
        guard let ahead = reading.deviceTime?.milliseconds(since: time), ahead != 0,
            ahead.magnitude <= DeviceClock.mostDistance.magnitude
        else { return nil }
        return Double(ahead) / 1000
    }

    static func milliseconds(_ value: Double) -> Int64? {
        Int64(exactly: (value * 1000).rounded())
    }
}

extension Intake {
    /// Gives the readings in `decoded` their times.
    ///
    /// - Parameter mayHaveCome: whether the message may have come before.
    func dateReadings(of message: ReceivedMessage, household: String, mayHaveCome: Bool) {
        let isOld = message.retained || mayHaveCome
        let dates = ReadingDates(arrival: message.arrival, isRetained: message.retained)
        dates.give(to: &decoded.readings) { seen, readings in
            guard let device = readings.first?.device else { return .byArrival }
            let key = DeviceTable.Key(household: household, device: device)
            let verdict = clocks.judge(seen, of: key, isOld: isOld) { storedClock(of: key, readings) }
            // What came before keeps the time that it got then.
            guard isOld, let stored = storedOffset(of: readings, key) else { return verdict }
            return .shifted(by: stored)
        }
    }

    /// What the store tells of a clock: it is wrong where nothing is newer than the newest mark.
    private func storedClock(of key: DeviceTable.Key, _ readings: ArraySlice<Reading>) -> DeviceClock {
        let newest = readings.lazy.compactMap { self.findSeries(of: $0, key).flatMap(self.store.lastTime) }.max()
        guard let mark = findMark(of: key), let marked = store.lastTime(of: mark), marked >= newest ?? marked,
            let offset = store.value(of: mark, at: marked).flatMap(ClockMark.milliseconds),
            offset.magnitude <= DeviceClock.mostDistance.magnitude
        else { return newest.map { DeviceClock(offset: 0, until: $0) } ?? DeviceClock() }
        return DeviceClock(offset: offset, until: marked)
    }

    /// By how much the times of the readings were shifted when they were stored; nil if they were not.
    private func storedOffset(of readings: ArraySlice<Reading>, _ key: DeviceTable.Key) -> Int64? {
        let offsets = clocks.offsets(of: key)
        guard !offsets.isEmpty else { return nil }
        let mark = findMark(of: key)
        return (offsets + [0]).first { offset in
            readings.allSatisfy { reading in
                guard let time = reading.deviceTime?.advanced(byMilliseconds: -offset),
                    let series = findSeries(of: reading, key), store.value(of: series, at: time) == reading.value
                else { return false }
                return mark.flatMap { store.value(of: $0, at: time) }.flatMap(ClockMark.milliseconds) ?? 0 == offset
            }
        }
    }

    private func findSeries(of reading: Reading, _ key: DeviceTable.Key) -> SeriesRef? {
        store.findSeries(labels(of: reading.field, device: reading.device, household: key.household))
    }

    private func findMark(of key: DeviceTable.Key) -> SeriesRef? {
        store.findSeries(labels(of: ClockMark.field, device: key.device, household: key.household))
    }

    /// The series that takes the mark of a reading stored under `time`, and its value; nil if the reading is not repaired.
    func mark(of reading: Reading, storedAt time: Timestamp, household: String) -> (series: KnownSeries, value: Double)?
    {
        guard let value = ClockMark.value(of: reading, storedAt: time),
            case .known(let series) = knownSeries(of: ClockMark.field, device: reading.device, household: household)
        else { return nil }
        return (series, value)
    }
}
