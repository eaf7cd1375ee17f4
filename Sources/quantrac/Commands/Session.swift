import ArgumentParser
import Foundation
import Readings

/// One run of a command: whom it asks, and how it speaks to the user.
struct Session: Sendable {
    var client: QueryClient
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    /// Runs `body` with a session for `options`. An error is explained on standard error and becomes an exit code.
    static func run(_ options: ConnectionOptions, _ body: (Session) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        let texts = Texts(language: options.language ?? Language(environment: environment))
        let terminal = Terminal.behind(STDOUT_FILENO, environment: environment)
        do {
            let endpoint = try Endpoint(
                socket: options.socket, url: options.url, tokenFile: options.tokenFile, environment: environment)
            try await QueryClient.with(endpoint) { client in
                try await body(Session(client: client, texts: texts, clock: .current(), terminal: terminal))
            }
        } catch let error as ClientError {
            complain(error, texts)
            throw ExitCode(error.exitCode)
        } catch OutputError.readerGone {
            throw ExitCode(SIGPIPE + 128)
        } catch OutputError.failed(let reason) {
            complain(.output(reason: reason), texts)
            throw ExitCode.failure
        }
    }

    func print(_ lines: [String]) throws {
        try StandardOutput.out.write(
            lines: terminal.isTTY && !terminal.isUTF8 ? lines.map(PlainText.asciiMarks) : lines)
    }

    func print(_ table: Table) throws {
        try print(table.lines(width: terminal.isTTY ? terminal.width : nil, colours: terminal.hasColours))
    }

    /// As it is for programs; made harmless for a terminal.
    func printCSV(_ lines: [String]) throws {
        try StandardOutput.out.write(lines: terminal.isTTY ? lines.map(PlainText.neutralised) : lines)
    }

    /// Compact for programs, indented for people.
    func printJSON(_ value: some Encodable) throws {
        try StandardOutput.out.write(lines: [try JSONOutput.text(value, pretty: terminal.isTTY)])
    }

    /// A line beside the result, on standard error.
    func note(_ text: String) {
        Session.note(text)
    }

    func warn(_ text: String) {
        Session.note("quantrac: " + text)
    }

    /// The instant that an option names.
    func instant(_ option: String, _ text: String) throws(ClientError) -> Timestamp {
        guard let instant = InstantText.parse(text, clock: clock) else {
            throw .badInstant(option: option, text: text)
        }
        return instant
    }

    private static func complain(_ error: ClientError, _ texts: Texts) {
        let (what, next) = error.words
        note("quantrac: " + what[texts.language])
        if let next { note("  " + next[texts.language]) }
    }

    /// Where nobody reads standard error there is nobody to tell that.
    private static func note(_ text: String) {
        try? StandardOutput.error.write(lines: [PlainText.neutralised(text)])
    }
}
