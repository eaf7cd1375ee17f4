/// Why the configuration cannot be used: one line that names file, line and key (or the variable).
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// `FILE`, `FILE:LINE` or the name of an environment variable
    public var place: String
    public var key: String?
    public var problem: String

    public init(place: String, key: String? = nil, problem: String) {
        self.place = place
        self.key = key
        self.problem = problem
    }

    public var description: String {
        place + ": " + (key.map { "\($0): " } ?? "") + problem
    }
}
