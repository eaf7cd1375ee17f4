import ArgumentParser
import Foundation
import Readings

/// One run of a command that asks the daemon: whom it asks, and how it speaks to the user.
struct Session: Speaking {
    var client: QueryClient
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    /// Runs `body` with a session for `options`. An error is explained on standard error and becomes an exit code.
    static func run(_ options: ConnectionOptions, _ body: (Session) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        let local = LocalSession(language: options.language)
        try await local.explaining {
            let endpoint = try Endpoint(
                socket: options.socket, url: options.url, tokenFile: options.tokenFile, environment: environment)
            try await QueryClient.with(endpoint) { client in
                try await body(
                    Session(client: client, texts: local.texts, clock: local.clock, terminal: local.terminal))
            }
        }
    }

    /// The instant that an option names.
    func instant(_ option: String, _ text: String) throws(ClientError) -> Timestamp {
        guard let instant = InstantText.parse(text, clock: clock) else {
            throw .badInstant(option: option, text: text)
        }
        return instant
    }
}
