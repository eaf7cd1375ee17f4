/// A place in a query's text as people count: lines and characters (Unicode scalars) from 1.
struct TextPosition {
    private(set) var line = 1
    private(set) var column = 1

    /// The place of the byte `offset` of the text's UTF-8 form.
    init(of offset: Int, in text: [UInt8]) {
        for byte in text.prefix(offset) {
            if byte == "\n" {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
    }
}
