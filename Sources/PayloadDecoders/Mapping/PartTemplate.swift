/// A text with parts of the topic in it, such as `pond-{pond}`.
struct PartTemplate: Sendable {
    private enum Piece: Sendable {
        case text(String)
        case part(Int)
    }

    private var pieces: [Piece] = []

    init(_ template: String, parts: [String]) throws(MappingFault.Problem) {
        guard SafeName.fault(in: template) == nil else { throw .badName(template) }
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw .openBrace(in: template) }
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            let name = String(rest[rest.index(after: open)..<close])
            guard let part = parts.firstIndex(of: name) else { throw .unknownPart(name, in: template) }
            pieces.append(.part(part))
            rest = rest[rest.index(after: close)...]
        }
        guard !rest.contains("}") else { throw .openBrace(in: template) }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
    }

    /// Those parts, joined by slashes.
    init(joining parts: [Int]) {
        for part in parts {
            if !pieces.isEmpty { pieces.append(.text("/")) }
            pieces.append(.part(part))
        }
    }

    func filled(_ values: [Substring]) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .part(let index): if index < values.count { text += values[index] }
            }
        }
        return text
    }
}
