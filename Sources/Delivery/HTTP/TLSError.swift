import NIOSSL

/// Why there is no encrypted connection, in words for people, and what to do about it.
///
/// BoringSSL has names for its reasons (`CERTIFICATE_VERIFY_FAILED`), which it gives in its descriptions alone.
enum TLSError {
    private static let reasons: [(name: String, words: String)] = [
        (
            "CERTIFICATE_VERIFY_FAILED",
            "its certificate is not believed: it has expired, is not valid yet (is this machine's clock right?), or nobody "
                + "whom this machine trusts has signed it; if it is its owner's own, name its authority in caFile"
        ),
        (
            "WRONG_VERSION_NUMBER",
            "what answers there does not speak TLS: is the port right, and is it to be encrypted (https, tls)?"
        ),
        (
            "HTTP_REQUEST",
            "what answers there does not speak TLS: is the port right, and is it to be encrypted (https, tls)?"
        ),
        (
            "PROTOCOL_VERSION",
            "it speaks no version of TLS that is still safe (1.2 or 1.3): update it"
        ),
        (
            "UNSUPPORTED_PROTOCOL",
            "it speaks no version of TLS that is still safe (1.2 or 1.3): update it"
        ),
        (
            "CERTIFICATE_REQUIRED",
            "it wants a certificate from us, and there is none that could be given"
        ),
        (
            "EOF during handshake",
            "it closed the connection before it was encrypted: is the port right?"
        ),
    ]

    static func inWords(_ error: NIOSSLError) -> String {
        let described = "\(error)"
        let words = reasons.first { described.contains($0.name) }?.words
        return words ?? "the encrypted connection failed: \(OneLine.of(described))"
    }

    static func inWords(_ error: NIOSSLExtraError) -> String {
        error == .failedToValidateHostname
            ? "its certificate is for another name than the one in the address"
            : "the encrypted connection failed: \(OneLine.of(error.description))"
    }
}
