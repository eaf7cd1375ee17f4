import Readings

/// What `/api/v1/query` and `query_range` answer, in the shape of Prometheus's HTTP API ("Expression query result
/// formats").
enum QueryData: Codable, Sendable {
    case vector([VectorElement])
    case matrix([MatrixSeries])
    case scalar(QueryPoint)
    case string(QueryPoint)

    struct VectorElement: Codable, Sendable {
        var metric: [String: String]
        var value: QueryPoint
    }

    struct MatrixSeries: Codable, Sendable {
        var metric: [String: String]
        var values: [QueryPoint]
    }

    var isText: Bool {
        if case .string = self { return true }
        return false
    }

    private enum CodingKeys: String, CodingKey { case resultType, result }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(String.self, forKey: .resultType) {
        case "vector": self = .vector(try container.decode([VectorElement].self, forKey: .result))
        case "matrix": self = .matrix(try container.decode([MatrixSeries].self, forKey: .result))
        case "scalar": self = .scalar(try container.decode(QueryPoint.self, forKey: .result))
        case "string": self = .string(try container.decode(QueryPoint.self, forKey: .result))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .resultType, in: container, debugDescription: "unknown result type '\(other)'")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .vector(let elements):
            try container.encode("vector", forKey: .resultType)
            try container.encode(elements, forKey: .result)
        case .matrix(let series):
            try container.encode("matrix", forKey: .resultType)
            try container.encode(series, forKey: .result)
        case .scalar(let point):
            try container.encode("scalar", forKey: .resultType)
            try container.encode(point, forKey: .result)
        case .string(let point):
            try container.encode("string", forKey: .resultType)
            try container.encode(point, forKey: .result)
        }
    }
}

/// A time in seconds with a value as text: `[1435781430.781, "1"]`.
struct QueryPoint: Codable, Sendable, Equatable {
    var time: Timestamp
    var text: String

    /// Nil if the text is no number (the result of a string expression).
    var value: Double? { Double(text) }

    init(time: Timestamp, text: String) {
        self.time = time
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let seconds = try container.decode(Double.self)
        guard let time = Timestamp(secondsSince1970: seconds) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "time \(seconds) is out of range")
        }
        self.time = time
        text = try container.decode(String.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(time.secondsSince1970)
        try container.encode(text)
    }
}
