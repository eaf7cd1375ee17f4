import PayloadDecoders
import Readings

/// Turns messages into rows of a store: whose they are, what they say, and whether they came before.
///
/// It lives on the ingest thread: `receive` for each message, then `commit`, after which the broker may hear that they
/// are safe.
public final class Intake {
    let store: any ReadingStore
    /// Whose a topic is. Set between two messages it counts for those that come then.
    public var router: HouseholdRouter
    private let zone: HouseholdZone
    private let mappings: MappingSet
    /// Arrival times are cut to multiples of this.
    private let resolutionMilliseconds: Int64
    let ledger: IntakeLedger
    private let now: () -> Timestamp
    /// Told what became durable; nil from `listener` means that nobody listens now.
    private let listener: () -> (([DurableReading]) -> Void)?

    private var registries: [String: DecoderRegistry] = [:]
    private var series = SeriesTable()
    var decoded = DecodedMessage()
    private var batch = OpenBatch()
    private var redeliveries = RedeliveryWindow()
    /// What is known of the devices' clocks.
    var clocks = ClockTable()
    private var refusedFingerprints = RefusedFingerprints()
    private var quotas: QuotaGate
    /// Rises each time that our clock is set back.
    private var clockSettings = 0
    private var latestArrival = Timestamp(milliseconds: 0)
    var rebirths: RebirthSchedule
    /// Nil where nobody may be asked.
    let askForRebirth: ((RebirthCommand) -> Void)?
    /// The time given last to each series by the replay that is under way.
    var replayedTimes: [SeriesRef: Timestamp] = [:]

    /// Households beyond this many are refused: a bound on what topics alone can make us keep.
    static let householdLimit = 2_000
    /// A clock that goes back by more than this many milliseconds was set; and a message that is read again is dated by so much
    /// ahead at most.
    static let longestLead: Int64 = 60_000

    /// What is told to the ledger and the listener once the batch is durable.
    struct OpenBatch {
        var messages: UInt64 = 0
        var redelivered: UInt64 = 0
        var refusals = OpenRefusals()
        var refusedFingerprints: [UInt64] = []
        /// Whether anybody listened when it began: only then readings are kept to be told.
        var isListenedTo = false
        var readings: [DurableReading] = []
        var states: [(household: String, state: DeviceState, time: Timestamp)] = []
        var conventions: [DeviceTable.Key: Convention] = [:]
        var originalUnits: [(key: DeviceTable.Key, series: Labels, unit: String?)] = []
    }

    /// - Parameters:
    ///   - zone: where the households' devices have their clocks, for times without a zone.
    ///   - mappings: what users say of devices that no convention knows; asked before all conventions.
    ///   - quotas: what each household may have and send.
    ///   - askForRebirth: given what is to be published, now and then, for Sparkplug edge nodes whose births are missing.
    ///   - resolutionMilliseconds: arrival times are cut to multiples of it, unless two would coincide; 1 keeps them whole.
    ///   - now: the clock.
    ///   - listener: asked when a batch begins and at its commit; gives nil while nobody listens.
    public init(
        store: any ReadingStore, router: HouseholdRouter, zone: HouseholdZone, mappings: MappingSet = .none,
        quotas: QuotaTable = .unlimited, askForRebirth: ((RebirthCommand) -> Void)? = nil,
        resolutionMilliseconds: Int64,
        ledger: IntakeLedger, now: @escaping () -> Timestamp,
        listener: @escaping () -> (([DurableReading]) -> Void)?
    ) {
        self.store = store
        self.router = router
        self.zone = zone
        self.mappings = mappings
        self.quotas = QuotaGate(quotas)
        self.askForRebirth = askForRebirth
        rebirths = RebirthSchedule(now: now())
        self.resolutionMilliseconds = max(1, resolutionMilliseconds)
        self.ledger = ledger
        self.now = now
        self.listener = listener
    }

    /// A connection begins. With a session, the broker first sends again what we did not acknowledge.
    public func connected(sessionPresent: Bool) {
        redeliveries = RedeliveryWindow(
            sessionPresent ? store.rememberedFingerprints + refusedFingerprints.values : nil)
    }

    /// Nothing that comes on this connection from now on was sent before.
    public func redeliveriesAreOver() {
        redeliveries.close()
    }

    /// Takes one message into the open batch.
    ///
    /// - Parameters:
    ///   - packetID: the broker's number of the message, 0 at QoS 0.
    ///   - isRedelivery: what the DUP flag says; nil where it cannot be known.
    public func receive(
        topic: String, payload: UnsafeRawBufferPointer, retained: Bool, packetID: UInt16, isRedelivery: Bool?
    ) {
        if batch.messages == 0 { batch.isListenedTo = listener() != nil }
        batch.messages += 1
        let arrival = now()
        noteClock(arrival)
        let fingerprint =
            packetID == 0
            ? nil : MessageFingerprint(packetID: packetID, topic: topic, payload: payload).value
        if let fingerprint, redeliveries.recognises(fingerprint, isRedelivery: isRedelivery) {
            batch.redelivered += 1
            return
        }
        let message = ReceivedMessage(topic: topic, payload: payload, retained: retained, arrival: arrival)
        let (household, refusal) = understand(message)
        if let refusal {
            batch.refusals.add(refusal, household: household, of: message)
            if let fingerprint { batch.refusedFingerprints.append(fingerprint) }
        }
        guard let household else { return }
        if let wanted = decoded.rebirthWanted { requestRebirth(wanted, shownBy: message) }
        for state in decoded.states { batch.states.append((household, state, arrival)) }
        guard let first = decoded.readings.first else { return }
        if var refusal = quotas.admit(decoded.readings.count, of: first.device, household: household, now: arrival) {
            refusal.kind.convention = decoded.convention
            refuse(refusal, readings: decoded.readings.count, of: first.device, household: household, message)
            if let fingerprint { batch.refusedFingerprints.append(fingerprint) }
            return
        }
        dateReadings(of: message, household: household, mayHaveCome: redeliveries.isOpen && isRedelivery != false)
        guard !decoded.readings.isEmpty else { return }
        // A reading with a time of its own is known again by that; only others need the fingerprint.
        let needsFingerprint = decoded.readings.contains { !$0.timeIsDevices || $0.deviceTime ?? $0.time != $0.time }
        store.beginMessage(fingerprint: needsFingerprint ? fingerprint : nil)
        if !addReadings(of: message, household: household), let fingerprint {
            batch.refusedFingerprints.append(fingerprint)
        }
    }

    /// Counts a refusal of the open batch, and remembers who met a quota.
    ///
    /// - Parameter keeps: false where the message was noted before, for another of its readings.
    private func refuse(
        _ why: WhyRefused, readings: Int, of device: String, household: String, _ message: ReceivedMessage,
        keeps: Bool = true
    ) {
        batch.refusals.add(why, household: household, of: message, keeps: keeps)
        quotas.note(why, readings: readings, of: device, household: household, message)
    }

    /// Finds out whose `message` is and what it says: that is in `decoded` then. Without a household there is nothing in it.
    func understand(_ message: ReceivedMessage) -> (household: String?, refusal: WhyRefused?) {
        decoded.removeAll(keepingCapacity: true)
        guard let (household, rest) = router.route(message.topic) else {
            return (nil, WhyRefused("no_topic_in_household", "nothing is left behind the household's level"))
        }
        if let fault = SafeName.fault(in: household) {
            return (nil, WhyRefused(Refusal.Reason.invalidName.rawValue, "household: \(fault)"))
        }
        guard registries[household] != nil || registries.count < Self.householdLimit else {
            return (nil, WhyRefused("too_many_households", "more than \(Self.householdLimit) households"))
        }
        registries[household, default: DecoderRegistry(zone: zone, mappings: mappings)].decode(
            Message(
                topic: rest, payload: message.payload, retained: message.retained, receivedAt: message.arrival),
            into: &decoded)
        let refusal = decoded.refusal.map {
            WhyRefused($0.reason.rawValue, $0.detail, convention: decoded.convention)
        }
        return (household, refusal)
    }

    /// How many series have been looked up and are remembered.
    package var rememberedSeries: Int { series.count }

    /// What the decoders of all households have learned, counted.
    package var remembered: [Remembered] { registries.values.flatMap(\.remembered) }

    /// Makes the open batch durable, then tells ledger and listener.
    ///
    /// - Throws: what the store throws; the batch is forgotten then, and the broker will send it again.
    public func commit() throws {
        defer { batch = OpenBatch() }
        let outcome: CommitOutcome
        do {
            outcome = try store.commit()
        } catch {
            // What was learned of series together with the batch is forgotten with it.
            series.removeAll()
            throw error
        }
        let time = now()
        refusedFingerprints.add(batch.refusedFingerprints)
        batch.refusals.count("too_old", outcome.tooOld)
        ledger.update { contents in
            contents.totals.messages += batch.messages
            contents.totals.readings += outcome.stored
            contents.totals.duplicateReadings += outcome.duplicates
            contents.totals.redeliveredMessages += batch.redelivered
            contents.messageRate.add(batch.messages, now: time)
            contents.readingRate.add(outcome.stored, now: time)
            contents.totals.refusalsByKind.merge(batch.refusals.counts, uniquingKeysWith: +)
            contents.totals.refusedSamples =
                (contents.totals.refusedSamples + batch.refusals.samples).suffix(IntakeLedger.refusedSampleLimit)
            contents.offenders = quotas.offenders
            for (key, convention) in batch.conventions { contents.devices.note(convention, of: key) }
            for (key, series, unit) in batch.originalUnits {
                contents.devices.note(originalUnit: unit, of: series, key)
            }
            for (household, state, time) in batch.states {
                contents.devices.note(state, household: household, at: time)
            }
        }
        ledger.refusedMessages.add(batch.refusals.kept, notKept: batch.refusals.notKept)
        if let tell = listener() {
            let fresh =
                outcome.notStored.isEmpty
                ? batch.readings
                : batch.readings.enumerated().filter { !outcome.notStored.contains($0.offset) }.map(\.element)
            if !fresh.isEmpty { tell(fresh) }
        }
    }

    // MARK: - Rows

    /// Returns whether there was room for any of them.
    private func addReadings(of message: ReceivedMessage, household: String) -> Bool {
        var row: Timestamp?
        var markedDevice: String?
        var isRefused = false
        for reading in decoded.readings {
            let known: KnownSeries
            switch knownSeries(of: reading.field, device: reading.device, household: household) {
            case .known(let series): known = series
            case .refused(let why):
                refuse(why, readings: 1, of: reading.device, household: household, message, keeps: !isRefused)
                isRefused = true
                continue
            }
            if let convention = decoded.convention, known.convention != convention {
                known.convention = convention
                batch.conventions[DeviceTable.Key(household: household, device: reading.device)] = convention
            }
            if reading.unit != nil, known.originalUnit != reading.originalUnit {
                known.originalUnit = reading.originalUnit
                let device = DeviceTable.Key(household: household, device: reading.device)
                batch.originalUnits.append((device, known.labels, reading.originalUnit))
            }
            var time = reading.time
            if !reading.timeIsDevices {
                time = uniqueArrival(reading.time, of: known)
                known.lastArrival = time
                known.clockSettings = clockSettings
            }
            if row != time {
                store.beginRow(at: time)
                row = time
                markedDevice = nil
            }
            add(reading.value, at: time, to: known)
            if markedDevice != reading.device, let mark = mark(of: reading, storedAt: time, household: household) {
                add(mark.value, at: time, to: mark.series)
                markedDevice = reading.device
            }
        }
        return row != nil
    }

    private func add(_ value: Double, at time: Timestamp, to series: KnownSeries) {
        store.add(value, to: series.ref)
        guard batch.isListenedTo else { return }
        batch.readings.append(
            DurableReading(labels: series.labels, unit: series.unit, sample: Sample(time: time, value: value)))
    }

    /// Two messages within one tick of the clock are two readings: the second is dated one millisecond later, however many
    /// there are. Only if the predecessor lies more than a minute ahead although our clock was set back, or we were just started,
    /// is the clock believed again.
    private func uniqueArrival(_ time: Timestamp, of series: KnownSeries) -> Timestamp {
        let cut = cutToResolution(time)
        guard let last = series.lastArrival, last >= cut else { return cut }
        let isSameClock = series.clockSettings == clockSettings
        return isSameClock || last.milliseconds(since: cut) < Self.longestLead ? last.advanced(byMilliseconds: 1) : cut
    }

    /// Notices when our own clock is set back.
    private func noteClock(_ arrival: Timestamp) {
        if arrival.milliseconds(since: latestArrival) < -Self.longestLead {
            clockSettings += 1
            latestArrival = arrival
        } else if arrival > latestArrival {
            latestArrival = arrival
        }
    }

    func cutToResolution(_ time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds - time.milliseconds % resolutionMilliseconds)
    }

    enum SeriesLookup {
        case known(KnownSeries)
        case refused(WhyRefused)
    }

    /// The series of a field of a device, made if it is new and its household may have another.
    func knownSeries(of field: ReadingField, device: String, household: String) -> SeriesLookup {
        let ofDevice = series.device(device, household: household)
        let before = ofDevice.find(field)
        if let before, field.unit == nil || before.unit == field.unit { return .known(before) }
        let labels = before?.labels ?? labels(of: field, device: device, household: household)
        let isNew = before == nil && store.findSeries(labels) == nil
        if isNew,
            var why = quotas.admitSeries(
                of: household, existing: store.seriesCount(ofHousehold: household), now: now())
        {
            why.kind.convention = decoded.convention
            return .refused(why)
        }
        guard let ref = store.series(for: labels, unit: field.unit) else {
            if isNew { quotas.putBackSeries(of: household) }
            return .refused(
                WhyRefused(
                    "no_room_for_series",
                    "the store takes no further series; see store.diskBudget and store.memoryBudget",
                    convention: decoded.convention))
        }
        let known = KnownSeries(
            ref: ref, labels: labels, unit: field.unit, field: field,
            lastArrival: before?.lastArrival ?? store.lastTime(of: ref))
        known.originalUnit = before?.originalUnit
        known.convention = before?.convention
        known.clockSettings = before?.clockSettings
        series.keep(known, of: ofDevice)
        return .known(known)
    }

    func labels(of field: ReadingField, device: String, household: String) -> Labels {
        Labels(
            [
                Label(LabelName.metric, field.metric), Label(LabelName.household, household),
                Label(LabelName.device, device),
            ] + field.labels)
    }
}
