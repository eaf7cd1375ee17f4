/// Finds members of one object with the same key: the last one counts.
enum JSONDuplicateKeys {
    /// Up to this many members are compared each with each, by the hashes that the scanner left. Beyond it that would
    /// let a message of 64 KiB cost a tenth of a second, so a dictionary (with a secret hash) does it.
    private static let fewMembers = 24

    static func mark(object: Int, in tokens: inout [JSONToken], bytes: UnsafeRawBufferPointer) {
        let end = Int(tokens[object].next)
        if tokens[object].end > UInt32(fewMembers) || hasEscapes(object: object, in: tokens) {
            markMany(object: object, in: &tokens, bytes: bytes)
            return
        }
        var later = object + 1
        while later < end {
            var earlier = object + 1
            while earlier < later {
                if !tokens[earlier].isSuperseded, isSame(tokens[earlier], tokens[later], bytes) {
                    tokens[earlier].isSuperseded = true
                }
                earlier = Int(tokens[earlier + 1].next)
            }
            later = Int(tokens[later + 1].next)
        }
    }

    /// Whether any key must be unescaped before it can be compared.
    private static func hasEscapes(object: Int, in tokens: [JSONToken]) -> Bool {
        let end = Int(tokens[object].next)
        var key = object + 1
        while key < end {
            if tokens[key].hasEscapes { return true }
            key = Int(tokens[key + 1].next)
        }
        return false
    }

    private static func markMany(object: Int, in tokens: inout [JSONToken], bytes: UnsafeRawBufferPointer) {
        var lastOf: [[UInt8]: Int] = [:]
        lastOf.reserveCapacity(Int(tokens[object].end))
        let end = Int(tokens[object].next)
        var key = object + 1
        while key < end {
            let range = bytes[Int(tokens[key].start)..<Int(tokens[key].end)]
            let text =
                tokens[key].hasEscapes
                ? Array(JSONText.unescaped(UnsafeRawBufferPointer(rebasing: range)).utf8) : Array(range)
            if let earlier = lastOf.updateValue(key, forKey: text) { tokens[earlier].isSuperseded = true }
            key = Int(tokens[key + 1].next)
        }
    }

    private static func isSame(_ a: JSONToken, _ b: JSONToken, _ bytes: UnsafeRawBufferPointer) -> Bool {
        a.next == b.next && a.end - a.start == b.end - b.start
            && bytes[Int(a.start)..<Int(a.end)].elementsEqual(bytes[Int(b.start)..<Int(b.end)])
    }
}
