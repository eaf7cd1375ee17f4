import Glibc
import PayloadDecoders
import Readings
import TestSupport

/// Some thousands of hostile messages, drawn from one seed, given one after the other to one household's decoders or to one
/// intake, so that what is learned of messages is attacked by the next ones; and what is wrong with what came of them.
package enum HostileSession {
    package struct Report: Sendable {
        package var seed: UInt64
        package var messages = 0
        package var readings: UInt64 = 0
        package var refused: UInt64 = 0
        /// The same wherever and whenever the same messages were answered in the same way.
        package var digest: UInt64 = 0
        package var slowest: Slowest?
        /// What must not be, and with which message; then the session ended there.
        package var fault: Fault?
    }

    package struct Slowest: Sendable {
        /// Counted from 0.
        package var message: Int
        package var bytes: Int
        package var nanoseconds: UInt64
    }

    package struct Fault: Sendable {
        package var message: Int
        package var text: String
    }

    /// How many messages the session of a seed has: mostly some, seldom so many that tables fill up.
    package static func length(seed: UInt64) -> Int { seed % 16 == 0 ? 30_000 : 2000 }

    /// Runs the session of a seed.
    ///
    /// - Parameters:
    ///   - convention: whose messages alone are sent; nil for all together.
    ///   - limit: no more messages than these.
    ///   - show: called before each message.
    package static func run(
        seed: UInt64, convention: String? = nil, upTo limit: Int = .max,
        show: ((Int, HostileMessage) -> Void)? = nil
    ) -> Report {
        var random = SeededGenerator(seed: ~seed)
        let hasHouseholds = random.isOne(in: 4)
        let zone = HouseholdZone(
            identifier: random.pick(["UTC", "Asia/Ho_Chi_Minh", "Europe/Berlin", "Asia/Kathmandu"]))
        let mappings = random.isOne(in: 2) || convention == "mapping" ? userMappings : .none
        var source = MessageSource(seed: seed, convention: convention, namesHouseholds: hasHouseholds)
        var registry = RegistryUnderAttack(zone: zone ?? .utc, mappings: mappings)
        let intake = hasHouseholds ? IntakeUnderAttack(zone: zone ?? .utc, mappings: mappings) : nil

        var report = Report(seed: seed)
        let count = min(limit, length(seed: seed))
        while report.messages < count, report.fault == nil {
            let message = source.next()
            show?(report.messages, message)
            let start = processorTime()
            if let intake { intake.take(message) } else { registry.take(message) }
            let took = processorTime() - start
            if message.payload.count <= DecoderLimits.payloadBytes, took > report.slowest?.nanoseconds ?? 0 {
                report.slowest = Slowest(message: report.messages, bytes: message.payload.count, nanoseconds: took)
            }
            var fault = intake.map { $0.faultAfterMessage() } ?? registry.fault(after: message)
            report.messages += 1
            if fault == nil, report.messages % 1000 == 0 || report.messages == count {
                fault = intake.map(\.overgrowth) ?? registry.overgrowth
            }
            report.fault = fault.map { Fault(message: report.messages - 1, text: $0) }
        }
        report.readings = intake?.readings ?? registry.readings
        report.refused = intake?.refused ?? registry.refused
        report.digest = intake?.digest.value ?? registry.digest.value
        return report
    }

    /// What a user might say of topics that no convention knows.
    package static let userMappings: MappingSet = {
        let mappings = try? MappingSet([
            Mapping(topic: "own/{pond}/{metric}", labels: ["pond": "{pond}", "kind": "fish"]),
            Mapping(
                topic: "farm/{pond}/#",
                values: [
                    .init("oxygen", metric: "{pond}_o2", unit: "mg/L"), .init("t", unit: "°F"), .init(),
                    .init("a[1][0]"),
                ],
                time: .init("at", format: "dd/MM/yyyy HH:mm:ss", zone: "Asia/Ho_Chi_Minh")),
            Mapping(
                topic: "z/#", values: [.init(), .init("a[0][0]"), .init("voltage", unit: "mV", scale: 2, offset: -1)],
                time: .init("last_seen", format: "ms")),
            Mapping(topic: "+/sensor/{device}/#", metric: "{device}"),
        ])
        return mappings ?? .none
    }()

    /// Of this thread: what other programs do meanwhile doesn't count.
    private static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
