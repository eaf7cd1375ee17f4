import Foundation
import TestSupport
import Testing

/// A broker that is restarted, stands still, or is out of reach, under load: everything that it took from the publisher is
/// in the store afterwards, once.
@Suite("Trouble with the broker loses nothing and doubles nothing", .serialized)
struct BrokerTroubleTests {
    @Test func aBrokerIsRestarted() async throws {
        let (broker, daemon, ledger) = try await underLoad()
        for _ in 0..<2 {
            try await Task.sleep(for: .milliseconds(900))
            try await broker.stop()
            try await Task.sleep(for: .milliseconds(300))
            try await broker.start()
        }
        try await expectPerfection(ledger, daemon)
    }

    @Test func aBrokerStandsStill() async throws {
        let (broker, daemon, ledger) = try await underLoad()
        for _ in 0..<4 {
            try await Task.sleep(for: .milliseconds(700))
            broker.pause()
            try await Task.sleep(for: .milliseconds(1500))
            broker.resume()
        }
        try await expectPerfection(ledger, daemon)
    }

    @Test(.enabled(if: NetworkNamespace.isPossible, "needs root and iproute2")) func theNetworkIsCut() async throws {
        let network = try await NetworkNamespace()
        let (broker, daemon, ledger) = try await underLoad(in: network)
        for seconds in [1, 3, 5] {
            try await Task.sleep(for: .milliseconds(1200))
            try await network.cut()
            try await Task.sleep(for: .seconds(seconds))
            try await network.mend()
        }
        try await expectPerfection(ledger, daemon)
        withExtendedLifetime(broker) {}
    }

    private static let count = 12_000

    private func underLoad(
        in network: NetworkNamespace? = nil
    ) async throws -> (MosquittoBroker, DaemonProcess, Ledger) {
        let broker = try await MosquittoBroker(in: network)
        let daemon = try DaemonProcess(brokerPort: broker.port)
        try await daemon.start(environment: ["QUANTRAC_MQTT_HOST": broker.host])
        let ledger = try Ledger(
            daemon, brokerHost: broker.host, brokerPort: broker.port, count: BrokerTroubleTests.count, rate: 1500)
        return (broker, daemon, ledger)
    }

    private func expectPerfection(_ ledger: Ledger, _ daemon: DaemonProcess) async throws {
        let verdict = try await ledger.verdict(daemon)
        #expect(verdict.published == BrokerTroubleTests.count)
        #expect(verdict.isPerfect, "\(verdict)")
        #expect(try await daemon.stop() == 0)
    }
}
