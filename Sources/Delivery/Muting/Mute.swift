import Readings

/// Why nobody is told of an alert at the moment.
public struct Mute: Sendable, Equatable {
    public enum Cause: Sendable, Equatable {
        /// Somebody wished it so.
        case silence(Silence)
        /// The maintenance window of this name.
        case maintenance(String)
        /// Another alert fires that explains this one.
        case dependency(alertName: String, alert: String)
        /// The channel is quiet at this hour.
        case quietHours
    }

    public let cause: Cause
    /// When it ends by itself; nil: nobody knows.
    public let until: Timestamp?

    public init(_ cause: Cause, until: Timestamp?) {
        self.cause = cause
        self.until = until
    }
}

extension Mute.Cause {
    /// As in reports: `silence`, `snooze`, `acknowledge`, `maintenance`, `dependency` or `quietHours`.
    package var word: String {
        switch self {
        case .silence(let silence): silence.kind.rawValue
        case .maintenance: "maintenance"
        case .dependency: "dependency"
        case .quietHours: "quietHours"
        }
    }

    /// Who or what it is: a person, a window, the alert that explains this one.
    package var author: String? {
        switch self {
        case .silence(let silence): silence.author.isEmpty ? nil : silence.author
        case .maintenance(let name): name
        case .dependency(let name, _): name
        case .quietHours: nil
        }
    }
}

/// Whether something is kept back because of a ``Mute``.
public enum Hold: Int, Sendable {
    case free = 0
    /// Nobody is told.
    case held = 1
    /// It was held, and what held it is over: it goes out with everything else of which that is so.
    case released = 2
}
