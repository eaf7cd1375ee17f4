/// The words by which devices and bridges say whether they are there.
enum Availability {
    /// True for `online`, false for `offline`, as text or as `{"state": …}`; nil for anything else.
    static func parse(_ payload: Payload) -> Bool? {
        switch payload {
        case .text(let text): parse(text)
        case .json(let json):
            if let state = json["state"], state.kind == .string { state.withText(parse) } else { nil }
        }
    }

    /// True for `true`, false for `false`, in plain text; nil for anything else.
    static func flag(_ payload: Payload) -> Bool? {
        guard case .text(let text) = payload else { return nil }
        let trimmed = ASCII.trimmed(text)
        if ASCII.isSame(trimmed, "true") { return true }
        return ASCII.isSame(trimmed, "false") ? false : nil
    }

    private static func parse(_ text: UnsafeRawBufferPointer) -> Bool? {
        let trimmed = ASCII.trimmed(text)
        if ASCII.isSame(trimmed, "online") { return true }
        return ASCII.isSame(trimmed, "offline") ? false : nil
    }
}
