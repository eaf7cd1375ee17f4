import Intake
import PayloadDecoders
import Readings

/// An intake with households by topic, over a store that looks at what it gets.
final class IntakeUnderAttack {
    private let store = StandInStore()
    private let ledger = IntakeLedger()
    private let clock = Clock()
    private let intake: Intake
    private var open = 0

    private final class Clock {
        var now = Timestamp(milliseconds: 0)
    }

    init(zone: HouseholdZone, mappings: MappingSet) {
        let router = HouseholdRouter(
            patterns: ["city/{household}/#", "+/own/{household}/x/#"].compactMap(HouseholdPattern.init), default: "home"
        )
        intake = Intake(
            store: store, router: router, zone: zone, mappings: mappings, resolutionMilliseconds: 10, ledger: ledger,
            now: { [clock] in clock.now }, listener: { nil })
    }

    func take(_ message: HostileMessage) {
        clock.now = message.receivedAt
        message.payload.withUnsafeBytes { bytes in
            intake.receive(
                topic: message.topic, payload: bytes, retained: message.retained, packetID: 0, isRedelivery: nil)
        }
    }

    /// What is wrong with what the store got; now and then the batch is committed, as a daemon does.
    func faultAfterMessage() -> String? {
        open += 1
        if open == 32 {
            open = 0
            do { try intake.commit() } catch { return "\(error)" }
            _ = ledger.refusedMessages.take()
        }
        return store.fault
    }

    var digest: AnswerDigest { store.digest }
    var readings: UInt64 { store.samples }
    var refused: UInt64 { ledger.totals(now: clock.now).refusals.values.reduce(0, +) }

    /// What is remembered beyond its limit.
    var overgrowth: String? {
        if intake.rememberedSeries > store.seriesCount {
            return "\(intake.rememberedSeries) series remembered; the store has \(store.seriesCount)"
        }
        return intake.remembered.first { $0.count > $0.limit }.map { "\($0)" }
    }
}
