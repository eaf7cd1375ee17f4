import Foundation

/// Unicode's composed form (NFC), in which names are kept so that both spellings of one name are one device.
enum CanonicalText {
    static func composed(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
    }
}
