import Crypto
import Foundation

/// SHA-256, for keys and signatures.
enum SecureHash {
    /// The first 128 bits of the hash of `text`, in hexadecimal.
    static func hexadecimal(of text: String) -> String {
        hexadecimal(Array(SHA256.hash(data: Data(text.utf8)).prefix(16)))
    }

    /// 63 bits of the hash of `text`: two texts that have the same are not met with.
    static func number(of text: String) -> Int64 {
        let bits = SHA256.hash(data: Data(text.utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bits >> 1)
    }

    /// HMAC-SHA-256 (RFC 2104) in hexadecimal.
    static func signature(of bytes: [UInt8], key: [UInt8]) -> String {
        hexadecimal(Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key))))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
