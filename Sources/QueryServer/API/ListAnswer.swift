import Hummingbird

/// An answer whose data is a JSON array, written element by element, cut at `limit` with a warning.
struct ListAnswer<Element: Sendable>: BodyPieces {
    private let elements: ArraySlice<Element>
    private let isCut: Bool
    private let write: @Sendable (Element, inout ByteBuffer) -> Void
    private var position: Int?

    init(_ elements: [Element], limit: Int?, write: @escaping @Sendable (Element, inout ByteBuffer) -> Void) {
        self.elements = elements.prefix(limit ?? elements.count)
        isCut = self.elements.count < elements.count
        self.write = write
        position = self.elements.startIndex
    }

    mutating func next() throws -> ByteBuffer? {
        guard var index = position else { return nil }
        var out = ByteBuffer()
        if index == elements.startIndex { out.writeStaticString("{\"status\":\"success\",\"data\":[") }
        while index < elements.endIndex, out.readableBytes < StreamedAnswer.pieceBytes {
            if index > elements.startIndex { out.writeStaticString(",") }
            write(elements[index], &out)
            index += 1
        }
        position = index
        if index == elements.endIndex {
            out.writeStaticString("]")
            out.writeTexts("warnings", isCut ? [APIWarning.truncated] : [])
            out.writeStaticString("}")
            position = nil
        }
        return out
    }
}

/// What an answer says beside its data.
enum APIWarning {
    static let truncated = "results truncated due to limit"
}
