import PayloadDecoders
import Readings

/// What became of refused messages that were given to the intake again.
public struct ReplayOutcome: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        /// It has yielded its readings, which are durable; or it is understood, and holds none on purpose.
        case understood
        case refused(RefusalKind, detail: String)
    }

    /// One for each message, in order.
    public var verdicts: [Verdict] = []
    /// Readings that are new.
    public var stored: UInt64 = 0
    /// Readings that were there already.
    public var duplicates: UInt64 = 0
    /// Readings older than what the store still holds.
    public var tooOld: UInt64 = 0

    public init() {}
}

extension Intake {
    /// Looks again at messages that were refused, with what is known today, as if they came now but with the times at which
    /// they came. Returns when their readings are durable. Beside the open batch, which stays as it is.
    ///
    /// Messages given twice make no second reading: one with a time of its own is known by that, and one dated by its arrival
    /// gets the same time again.
    ///
    /// - Parameters:
    ///   - messages: in the order in which they came.
    ///   - side: a batch of the intake's own store, empty.
    ///   - isFirst: whether a new series of such calls begins.
    /// - Throws: what the store throws; then nothing of these messages was stored, and they can be given again.
    public func replay(_ messages: [RefusedMessage], into side: any ReadingStore, isFirst: Bool) throws -> ReplayOutcome
    {
        if isFirst { replayedTimes = [:] }
        var outcome = ReplayOutcome()
        var devices: [KnownDevice] = []
        for message in messages {
            let verdict = message.payload.withUnsafeBytes { payload in
                replay(
                    ReceivedMessage(
                        topic: message.topic, payload: payload, retained: message.retained, arrival: message.arrival),
                    into: side, &devices)
            }
            outcome.verdicts.append(verdict)
        }
        let committed = try side.commit()
        outcome.stored = committed.stored
        outcome.duplicates = committed.duplicates
        outcome.tooOld = committed.tooOld
        ledger.update { contents in
            contents.totals.readings += committed.stored
            contents.totals.duplicateReadings += committed.duplicates
        }
        // What they tell of devices is old: it counts where nothing newer is known.
        ledger.restore(devices, isKept: false)
        return outcome
    }

    private func replay(
        _ message: ReceivedMessage, into side: any ReadingStore, _ devices: inout [KnownDevice]
    ) -> ReplayOutcome.Verdict {
        let (household, refusal) = understand(message)
        if let refusal { return .refused(refusal.kind, detail: refusal.detail) }
        guard let household else { return .understood }
        for state in decoded.states {
            devices.append(
                KnownDevice(
                    household: household, device: state.device,
                    description: DeviceDescription(
                        available: state.available, availableSince: state.available.map { _ in message.arrival },
                        name: state.name, model: state.model, manufacturer: state.manufacturer, room: state.room)))
        }
        dateReadings(of: message, household: household, mayHaveCome: true)
        guard !decoded.readings.isEmpty else { return .understood }
        side.beginMessage(fingerprint: nil)
        var row: Timestamp?
        var refused: WhyRefused?
        for reading in decoded.readings {
            let known: KnownSeries
            switch knownSeries(of: reading.field, device: reading.device, household: household) {
            case .known(let series): known = series
            case .refused(let why):
                refused = why
                continue
            }
            let time = reading.timeIsDevices ? reading.time : replayedTime(of: reading, known.ref)
            if row != time {
                side.beginRow(at: time)
                row = time
            }
            side.add(reading.value, to: known.ref)
            if let mark = mark(of: reading, storedAt: time, household: household) {
                side.add(mark.value, to: mark.series.ref)
            }
            devices.append(
                KnownDevice(
                    household: household, device: reading.device,
                    description: DeviceDescription(
                        convention: decoded.convention,
                        originalUnits: reading.originalUnit.map { [DeviceDescription.name(of: known.labels): $0] }
                            ?? [:])))
        }
        return refused.map { .refused($0.kind, detail: $0.detail) } ?? .understood
    }

    /// The time for a reading that has none of its own: when its message came, or the first millisecond after that which is
    /// free, as it would have got then; the same again if it has been replayed before.
    private func replayedTime(of reading: Reading, _ series: SeriesRef) -> Timestamp {
        var time = cutToResolution(reading.time)
        let latest = time.advanced(byMilliseconds: Self.longestLead)
        if let last = replayedTimes[series], last >= time, last < latest { time = last.advanced(byMilliseconds: 1) }
        while time < latest, let there = store.value(of: series, at: time), there != reading.value {
            time = time.advanced(byMilliseconds: 1)
        }
        replayedTimes[series] = time
        return time
    }
}
