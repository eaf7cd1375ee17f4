/// The way to a value in JSON: `sensors[0].temperature`, `["odd.key"].x`, with or without a leading `$.`.
struct JSONPath: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case key(String)
        case index(Int)
    }

    private(set) var steps: [Step] = []

    init(_ path: String) throws(MappingFault.Problem) {
        var rest = path[...]
        if rest == "$" { rest = "" }
        if rest.hasPrefix("$.") || rest.hasPrefix("$[") { rest = rest.dropFirst() }
        // A key at the beginning has no dot before it.
        if let first = rest.first, first != "[", first != "." { rest = "." + rest }
        while let first = rest.first {
            rest = rest.dropFirst()
            if first == "." {
                let key = rest.prefix { $0 != "." && $0 != "[" }
                guard !key.isEmpty else { throw .badPath(path) }
                steps.append(.key(String(key)))
                rest = rest[key.endIndex...]
            } else if first == "[", let quote = rest.first, quote == "\"" || quote == "'" {
                rest = rest.dropFirst()
                guard let end = rest.firstIndex(of: quote), rest[end...].dropFirst().first == "]" else {
                    throw .badPath(path)
                }
                steps.append(.key(String(rest[..<end])))
                rest = rest[end...].dropFirst(2)
            } else if first == "[", let end = rest.firstIndex(of: "]"), let index = Int(rest[..<end]), index >= 0 {
                steps.append(.index(index))
                rest = rest[end...].dropFirst()
            } else {
                throw .badPath(path)
            }
            guard steps.count <= DecoderLimits.jsonDepth else { throw .badPath(path) }
        }
    }

    /// How a value is named if nobody gives it another name.
    var metric: String {
        SnakeCase.metric(
            steps.map { step in
                switch step {
                case .key(let key): SnakeCase.word(key)
                case .index(let index): String(index)
                }
            }.joined(separator: "_"))
    }

    func value(in json: JSONValue) -> JSONValue? {
        var value = json
        for step in steps {
            let inside: JSONValue?
            switch step {
            case .key(let key): inside = value.members.first { name, _ in name.isSame(key) }?.1
            case .index(let index): inside = value.elements.dropFirst(index).first { _ in true }
            }
            guard let inside else { return nil }
            value = inside
        }
        return value
    }
}
