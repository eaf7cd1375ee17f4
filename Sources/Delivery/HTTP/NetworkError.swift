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
                "\(error.host):\(error.port) cannot be reached: \(inWords(reason))"
            } else {
                "\(error.host) is not known: the name could not be looked up"
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
        case .deadlineExceeded, .readTimeout: "it did not answer in time"
        case .connectTimeout, .getConnectionFromPoolTimeout: "it cannot be reached: nobody answers there"
        case .writeTimeout: "it did not take what was sent in time"
        case .tlsHandshakeTimeout: "it did not encrypt the connection in time: is the port right?"
        case .remoteConnectionClosed, .uncleanShutdown: "it closed the connection before it answered"
        case .cancelled, .alreadyShutdown: "stopped"
        case .emptyHost, .emptyScheme, .invalidURL: "the URL is not one"
        default: "the request failed: \(OneLine.of(error.shortDescription))"
        }
    }
}
