import GRDB

/// Why a database cannot be used.
public enum DatabaseFault: Error, CustomStringConvertible {
    case ofNewerVersion(path: String)
    case tooLarge(path: String)
    case damaged(String)
    case placeOccupied(path: String)
    case shareTooSmall(path: String)
    /// What is to be kept does not fit into its share.
    case shareFull(String)
    /// It is closed, or could not be opened.
    case closed(String)
    case database(String)

    public var description: String {
        switch self {
        case .ofNewerVersion(let path):
            "\(path) was written by a newer version of quantracd: run that, or remove the file"
        case .tooLarge(let path): "\(path) is larger than its share of store.diskBudget"
        case .placeOccupied(let path): "\(path) is no file: move it away"
        case .shareTooSmall(let path): "store.diskBudget is too small for \(path)"
        case .damaged(let reason), .shareFull(let reason), .closed(let reason), .database(let reason): reason
        }
    }
}

extension DatabaseFault {
    fileprivate var isOfTheFile: Bool {
        switch self {
        case .damaged, .tooLarge: true
        default: false
        }
    }
}

extension Error {
    /// Whether the database is such that only a new one helps.
    public var isDamage: Bool {
        switch self {
        case let error as GRDB.DatabaseError:
            [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode.primaryResultCode)
                // A table or a column is not there: somebody else's file.
                || error.resultCode.primaryResultCode == .SQLITE_ERROR
        case let error as DatabaseFault: error.isOfTheFile
        // What GRDB could not make a value of.
        default: true
        }
    }

    public var isFull: Bool { (self as? DatabaseError)?.resultCode.primaryResultCode == .SQLITE_FULL }

    /// In a line, without the statement, which says nothing to whoever reads it.
    public var inWords: String {
        guard let error = self as? DatabaseError else { return String(describing: self) }
        let next = isFull ? ": make room on the disk, or raise store.diskBudget" : ""
        return "SQLite: \(error.message ?? "error") (\(error.extendedResultCode.rawValue))\(next)"
    }
}
