import Intake
import PayloadDecoders
import Readings
import Testing

/// An intake over a memory store, with devices that tell their own times. Values are unique, so that each is one reading.
final class ClockHousehold {
    let store: MemoryStore
    /// Ours.
    var time: Timestamp
    private(set) var intake: Intake!

    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    init(store: MemoryStore = MemoryStore(), time: Timestamp = ClockHousehold.start) {
        self.store = store
        self.time = time
        intake = Intake(
            store: store, router: HouseholdRouter(patterns: [], default: "home"), zone: .utc,
            resolutionMilliseconds: 1, ledger: IntakeLedger(), now: { [unowned self] in self.time }, listener: { nil })
        intake.connected(sessionPresent: false)
    }

    /// A JSON message of `device`, whose clock shows `deviceTime`.
    func send(
        _ value: Double, at deviceTime: Timestamp, from device: String = "meter", id: UInt16 = 0, again: Bool? = nil,
        retained: Bool = false
    ) {
        receive(
            #"{"time":"\#(deviceTime.rfc3339)","x":\#(value)}"#, on: device, id: id, again: again, retained: retained)
    }

    func receive(_ payload: String, on topic: String, id: UInt16 = 0, again: Bool? = nil, retained: Bool = false) {
        Array(payload.utf8).withUnsafeBytes {
            intake.receive(topic: topic, payload: $0, retained: retained, packetID: id, isRedelivery: again)
        }
        #expect(throws: Never.self) { try intake.commit() }
    }

    func wait(_ seconds: Double) {
        time = time.later(seconds)
    }

    func samples(_ metric: String = "x", of device: String = "meter") -> [Sample] {
        store.samples(metric, device)
    }

    /// The times stored, in the order of the values, in seconds since `start`.
    func seconds(of device: String = "meter") -> [Double] {
        samples(of: device).sorted { $0.value < $1.value }.map {
            Double($0.time.milliseconds(since: ClockHousehold.start)) / 1000
        }
    }

    /// The marks, in the order of their times.
    func marks(of device: String = "meter") -> [Double] {
        samples("device_clock_offset", of: device).map(\.value)
    }
}

extension Timestamp {
    func later(_ seconds: Double) -> Timestamp {
        advanced(byMilliseconds: Int64((seconds * 1000).rounded()))
    }
}
