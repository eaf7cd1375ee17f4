import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// What went wrong on the network, in a line for people.
enum NetworkError {
    static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: OneLine.of(error.description)
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
}
