/// Why the configuration cannot be used: one line that names file, line and key (or the variable).
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// `FILE`, `FILE:LINE` or the name of an environment variable
    var place: String
    var key: String?
    var problem: String

    var description: String {
        place + ": " + (key.map { "\($0): " } ?? "") + problem
    }
}
