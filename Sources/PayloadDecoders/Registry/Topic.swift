/// A topic that may become part of a device's name, taken apart at its slashes.
struct Topic {
    /// In Unicode's composed form, so that a name is one device in whichever spelling it comes.
    let text: String
    let levels: [Substring]

    /// - Throws: if the topic can't name a device: empty, too long, or with characters that no name may hold.
    init(_ raw: String) throws(NameFault) {
        guard raw.utf8.count <= DecoderLimits.topicBytes else { throw .topicTooLong(raw.utf8.count) }
        let composed = CanonicalText.composed(raw)
        guard !composed.isEmpty else { throw .empty }
        if let unsafe = SafeName.firstUnsafeScalar(in: composed) { throw .unsafeCharacter(unsafe) }
        text = composed
        // By scalars: a slash with a combining mark behind it is still a slash to MQTT.
        levels = composed.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// The levels in `range`, joined again.
    func joined(_ range: Range<Int>) -> String {
        levels[range].joined(separator: "/")
    }

    func joined(from start: Int) -> String {
        joined(min(start, levels.count)..<levels.count)
    }

    /// All levels but that one; all if it is nil, or the only one.
    func without(_ index: Int?) -> String {
        guard let index, levels.count > 1 else { return text }
        return (levels[..<index] + levels[(index + 1)...]).joined(separator: "/")
    }

    /// All levels but the last.
    var parent: String { joined(0..<levels.count - 1) }

    var last: Substring { levels[levels.count - 1] }
}
