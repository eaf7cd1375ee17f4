import Readings

/// A time of the wall clock that is kept as milliseconds since 1970; what a damaged file says is made one that can be written.
@propertyWrapper
public struct WallTime: Sendable, Equatable, Codable {
    public var wrappedValue: Timestamp

    public init(wrappedValue: Timestamp) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        wrappedValue = StoredNews.time(try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.milliseconds)
    }
}
