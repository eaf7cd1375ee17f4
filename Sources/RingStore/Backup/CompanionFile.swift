/// A file that the daemon keeps beside the store's own: it goes into a backup as it is, all of its bytes at once.
public struct CompanionFile: Sendable {
    /// What the file is called in the store's directory, and so in the copy.
    public enum Name: String, CaseIterable, Sendable {
        /// What devices say of themselves, and refused messages.
        case registry = "registry.sqlite"
        /// The state of alerts, silences, and what waits to be told.
        case alerts = "alerts.sqlite"
    }

    let name: Name
    let bytes: [UInt8]

    public init(_ name: Name, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
