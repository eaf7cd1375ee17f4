import Logging
import Synchronization

/// The level below which nothing is logged, wherever a logger was handed to: it may change while the daemon runs.
final class LogLevel: Sendable {
    private let state: Mutex<Logger.Level>

    init(_ level: Logger.Level) {
        state = Mutex(level)
    }

    var now: Logger.Level {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Writes to standard error what reaches the shared level, and the logger's own where that is higher.
struct ReloadableLogHandler: LogHandler {
    private var output: StreamLogHandler
    private let shared: LogLevel
    private var own = Logger.Level.trace

    init(label: String, level: LogLevel) {
        output = .standardError(label: label)
        output.logLevel = .trace
        shared = level
    }

    var logLevel: Logger.Level {
        get { max(shared.now, own) }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { output.metadata }
        set { output.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { output.metadataProvider }
        set { output.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { output[metadataKey: key] }
        set { output[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { output.log(event: event) }
}
