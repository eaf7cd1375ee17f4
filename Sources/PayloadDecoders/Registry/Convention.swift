/// A way in which a family of devices writes its messages, such as Tasmota's.
///
/// A value rather than an enumeration, so that a new convention is one new file: each declares its own name there.
public struct Convention: RawRepresentable, Hashable, Sendable {
    /// The name that people see, such as `tasmota`.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

extension Convention: CustomStringConvertible {
    public var description: String { rawValue }
}
