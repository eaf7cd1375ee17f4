import RingStore

/// Why a command could not do its work. What each says, in both languages, is in `ClientError+words.swift`.
enum ClientError: Error, Sendable, Equatable {
    // The way to the daemon
    case socketMissing(path: String)
    case socketRefused(path: String)
    case socketForbidden(path: String)
    case socketPathTooLong(path: String)
    case notASocket(path: String)
    case unreachable(address: String, reason: String)
    case timedOut(address: String)
    case cutOff(reason: String)

    // The daemon's answer
    case daemon(message: String)
    case unauthorised(message: String)
    case notQuantrac(address: String, status: Int)
    case unreadable(reason: String)

    // What the user asked for
    case badURL(String)
    case tokenWithoutURL
    case tokenOverPlainHTTP(String)
    case tokenFile(path: String, reason: String)
    case badInstant(option: String, text: String)
    case badStep(String)
    case badFormat(String, allowed: [String])
    case emptyRange(since: String, until: String)
    case tooManySteps(least: String)
    case stepWithoutSince
    case noDevices
    case unknownHousehold(String, all: [String])
    case unknownDevice(String, nearest: [String])
    case ambiguousDevice(String, candidates: [String])
    case deviceInHouseholds(String, households: [String])
    case unknownMetric(String, device: String, nearest: [String], all: [String])
    case ambiguousMetric(String, device: String, candidates: [String])

    // Files
    case storeUnreadable(reason: String)
    case fileUnreadable(path: String, reason: String)
    case isDirectory(path: String)
    case badTariff(String)
    /// The tariff's prices are for another unit than the counter's.
    case otherUnit(tariff: String, counter: String)
    case backup(BackupError)
    /// A restored store has more damage than its backup.
    case copyDamaged(path: String, count: Int, inBackup: Int)

    case output(reason: String)

    /// 2: nobody could be asked. 64 (`EX_USAGE`, as ArgumentParser uses it): the command line is wrong. 1: the rest.
    var exitCode: Int32 {
        switch self {
        case .socketMissing, .socketRefused, .socketForbidden, .socketPathTooLong, .notASocket, .unreachable, .timedOut,
            .storeUnreadable:
            2
        case .badURL, .tokenWithoutURL, .tokenOverPlainHTTP, .tokenFile, .badInstant, .badStep, .badFormat,
            .emptyRange,
            .tooManySteps, .stepWithoutSince:
            64
        default: 1
        }
    }
}

extension ClientError: CustomStringConvertible {
    var description: String {
        let (what, next) = words
        return ([what] + (next.map { [$0] } ?? [])).map { $0[.english] }.joined(separator: " ")
    }
}
