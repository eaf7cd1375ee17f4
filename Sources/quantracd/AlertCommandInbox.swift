import Delivery
import Dispatch
import Foundation
import Intake
import Logging
import Readings
import Synchronization

/// Takes the commands for alerts out of what the broker sends, and carries them out before the broker hears that they arrived.
///
/// It lives on the ingest thread. A bad command is counted as a refusal (`bad_command`) and logged.
final class AlertCommandInbox {
    private let courier: Courier
    private let ledger: IntakeLedger
    private let logger: Logger
    private var waiting: [(household: HouseholdScope, topic: String, command: AlertCommand)] = []

    /// So long the broker's other messages wait for the outbox at most.
    private static let patience = DispatchTimeInterval.seconds(5)
    /// Commands of one batch.
    private static let mostWaiting = 100

    init(courier: Courier, ledger: IntakeLedger, logger: Logger) {
        self.courier = courier
        self.ledger = ledger
        self.logger = logger
    }

    /// Takes `payload` if `topic` is one for commands.
    ///
    /// - Parameter isRetained: a command that the broker had stored is none: nobody gives it now.
    func take(topic: String, payload: UnsafeRawBufferPointer, isRetained: Bool) -> Bool {
        guard let household = AlertCommand.households(of: topic) else { return false }
        // A retained message is deleted by an empty one.
        guard !payload.isEmpty else { return true }
        do {
            guard !isRetained else { throw AlertCommand.Fault(description: "retained messages are no commands") }
            guard waiting.count < Self.mostWaiting else {
                throw AlertCommand.Fault(description: "more than \(Self.mostWaiting) commands at once")
            }
            let command = try AlertCommand(
                Array(payload.prefix(AlertCommand.mostBytes + 1)), household: household, now: .now)
            waiting.append((household, topic, command))
        } catch {
            refuse(topic, "\(error)", ledger, logger)
        }
        return true
    }

    /// Carries out what was taken. Returns when it is in the outbox, or that takes too long.
    func commit() {
        guard !waiting.isEmpty else { return }
        let commands = waiting
        waiting = []
        let done = DispatchSemaphore(value: 0)
        Task { [courier, ledger, logger] in
            for (household, topic, command) in commands {
                switch command {
                case .silence(let request):
                    do {
                        _ = try await courier.silence(request)
                    } catch {
                        refuse(topic, "\(error)", ledger, logger)
                    }
                case .end(let id):
                    if await courier.endSilence(id, household: household) == nil {
                        refuse(topic, "there is no silence \(id)", ledger, logger)
                    }
                }
            }
            done.signal()
        }
        if done.wait(timeout: .now() + Self.patience) == .timedOut {
            logger.warning("commands for alerts are not in the outbox yet; they are carried out if the daemon goes on")
        }
    }
}

private func refuse(_ topic: String, _ reason: String, _ ledger: IntakeLedger, _ logger: Logger) {
    ledger.countRefusal("bad_command", detail: reason, topic: topic, at: .now)
    logger.warning("refused the command on \(topic): \(reason)")
}
