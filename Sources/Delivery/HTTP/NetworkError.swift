import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// What went wrong on the network, in a line for people.
enum NetworkError {
    static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: inWords(error)
        case let error as NIOConnectionError:
            if let reason = error.connectionErrors.first?.error {
                "\(error.host):\(error.port) \(FailureWords.cannotBeReached): \(inWords(reason))"
            } else {
                "\(error.host) \(FailureWords.nameIsNotKnown)"
            }
        case let error as NIOSSLError: TLSError.inWords(error)
        case let error as NIOSSLExtraError: TLSError.inWords(error)
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is CancellationError: "stopped"
        default: OneLine.of("\(error)")
        }
    }

    private static func inWords(_ error: HTTPClientError) -> String {
        switch error {
        case .deadlineExceeded, .readTimeout: "\(FailureWords.noAnswerInTime)"
        case .connectTimeout, .getConnectionFromPoolTimeout:
            "\(FailureWords.itCannotBeReached): \(FailureWords.nobodyAnswers)"
        case .writeTimeout: "\(FailureWords.notTakenInTime)"
        case .tlsHandshakeTimeout: "\(FailureWords.notEncryptedInTime)"
        case .remoteConnectionClosed, .uncleanShutdown: "\(FailureWords.closedBeforeAnswer)"
        case .cancelled, .alreadyShutdown: "stopped"
        case .emptyHost, .emptyScheme, .invalidURL: "\(FailureWords.noURL)"
        default: "\(FailureWords.requestFailed): \(OneLine.of(error.shortDescription))"
        }
    }
}
