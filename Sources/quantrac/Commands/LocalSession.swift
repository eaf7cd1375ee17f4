import ArgumentParser
import Foundation

/// One run of a command, whether it asks the daemon or not: how it speaks to the user.
struct LocalSession: Speaking {
    var texts: Texts
    var clock = LocalClock.current()
    var terminal: Terminal

    init(language: Language?) {
        let environment = ProcessInfo.processInfo.environment
        texts = Texts(language: language ?? Language(environment: environment))
        terminal = Terminal.behind(STDOUT_FILENO, environment: environment)
    }

    /// Runs `body`. An error is explained on standard error and becomes an exit code.
    func explaining(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ClientError {
            complain(error)
            throw ExitCode(error.exitCode)
        } catch OutputError.readerGone {
            throw ExitCode(SIGPIPE + 128)
        } catch OutputError.failed(let reason) {
            complain(.output(reason: reason))
            throw ExitCode.failure
        }
    }

    private func complain(_ error: ClientError) {
        let (what, next) = error.words
        note("quantrac: " + what[texts.language])
        if let next { note("  " + next[texts.language]) }
    }
}
