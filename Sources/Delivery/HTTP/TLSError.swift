import NIOSSL

/// Why there is no encrypted connection, in words for people, and what to do about it.
///
/// BoringSSL has names for its reasons (`CERTIFICATE_VERIFY_FAILED`), which it gives in its descriptions alone.
enum TLSError {
    private static let reasons: [(name: String, words: FailureWords)] = [
        ("CERTIFICATE_VERIFY_FAILED", .notBelieved),
        ("WRONG_VERSION_NUMBER", .noTLS),
        ("HTTP_REQUEST", .noTLS),
        ("PROTOCOL_VERSION", .oldTLS),
        ("UNSUPPORTED_PROTOCOL", .oldTLS),
        ("CERTIFICATE_REQUIRED", .wantsCertificate),
        ("EOF during handshake", .closedBeforeEncryption),
    ]

    static func inWords(_ error: NIOSSLError) -> String {
        let described = "\(error)"
        let words = reasons.first { described.contains($0.name) }?.words
        return words.map { "\($0)" } ?? "\(FailureWords.encryptionFailed): \(OneLine.of(described))"
    }

    static func inWords(_ error: NIOSSLExtraError) -> String {
        error == .failedToValidateHostname
            ? "\(FailureWords.anotherName)"
            : "\(FailureWords.encryptionFailed): \(OneLine.of(error.description))"
    }
}
