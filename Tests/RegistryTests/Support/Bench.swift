import Foundation
import Intake
import PayloadDecoders
import Readings
import Registry
import Synchronization
import TestSupport

/// A registry in a directory of its own, written only when the test says so.
final class Bench {
    let directory: String
    let ledger: IntakeLedger
    let registry: Registry
    let reports = Reports()
    private let owned: TemporaryDirectory?

    final class Reports: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// - Parameter path: a directory that another bench made, or a disk of its own; nil: a new one.
    init(in path: String? = nil, share: UInt64 = 1 << 20) throws {
        owned = path == nil ? try TemporaryDirectory() : nil
        directory = path ?? owned?.path ?? ""
        ledger = IntakeLedger()
        registry = Registry(
            directory: directory, share: share, ledger: ledger, interval: { .seconds(3600) },
            report: { [reports] in reports.add($0) })
    }

    var file: String { directory + "/registry.sqlite" }

    func device(_ name: String, _ description: DeviceDescription = .init(convention: .tasmota)) -> KnownDevice {
        KnownDevice(household: "home", device: name, description: description)
    }

    /// What the devices' messages told.
    func tell(_ devices: [KnownDevice]) { ledger.restore(devices, isKept: false) }

    func refuse(_ messages: [RefusedMessage]) { ledger.refusedMessages.add(messages, notKept: 0) }

    /// Writes what is new: whoever looks sees it.
    func flush() throws -> RefusedListing { try list() }

    func list(
        reason: String? = nil, topic: String? = nil, limit: Int = 100_000, payloadBytes: Int = 1 << 20
    ) throws -> RefusedListing {
        try registry.refused(
            RefusedFilter(reason: reason, topic: topic.flatMap(TopicFilter.init)), limit: limit,
            payloadBytes: payloadBytes)
    }

    static func message(
        _ topic: String, _ payload: String = "{", reason: String = "not_json", at milliseconds: Int64 = 0,
        bytes: Int? = nil
    ) -> RefusedMessage {
        let payload = Array(payload.utf8)
        return RefusedMessage(
            household: "home", topic: topic, kind: RefusalKind(reason: reason, convention: .generic), detail: "is cut",
            arrival: Timestamp(milliseconds: milliseconds), retained: false, payload: payload,
            payloadBytes: bytes ?? payload.count, isWhole: bytes == nil)
    }
}
