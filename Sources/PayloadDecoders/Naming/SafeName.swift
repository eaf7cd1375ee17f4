/// What may stand in the name of a device or household, and in texts that describe it.
///
/// Control characters could forge lines in logs and terminals, and changes of writing direction make one name look like
/// another (CVE-2021-42574).
public enum SafeName {
    static func firstUnsafeScalar(in text: String) -> Unicode.Scalar? {
        text.unicodeScalars.first(where: isUnsafe)
    }

    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Why `name` can't be a device's or household's name; nil if it can.
    public static func fault(in name: String) -> NameFault? {
        if name.isEmpty { return .empty }
        if name.utf8.count > DecoderLimits.nameBytes { return .tooLong(name.utf8.count) }
        return firstUnsafeScalar(in: name).map { .unsafeCharacter($0) }
    }

    /// `text` if it can be shown as a device's name, model or room; nil otherwise.
    static func shown(_ text: String?) -> String? {
        guard let text, fault(in: text) == nil else { return nil }
        return text
    }
}

/// What is wrong with a name.
public enum NameFault: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(Int)
    case topicTooLong(Int)
    case unsafeCharacter(Unicode.Scalar)

    public var description: String {
        switch self {
        case .empty: "the name is empty"
        case .tooLong(let bytes): "the name has \(bytes) bytes; at most \(DecoderLimits.nameBytes) are allowed"
        case .topicTooLong(let bytes):
            "the topic has \(bytes) bytes; at most \(DecoderLimits.topicBytes) are allowed"
        case .unsafeCharacter(let scalar):
            "the name holds U+\(String(scalar.value, radix: 16, uppercase: true)), which names may not hold"
        }
    }
}
