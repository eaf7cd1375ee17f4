/// What `POST /api/v1/import` answers: what became of the readings, each counted once.
public struct ImportReport: Codable, Sendable, Equatable {
    /// Lines that were read, the header of CSV included
    public var lines: UInt64
    /// Durable now, and not there before
    public var stored: UInt64
    /// There already, with the same time and value
    public var duplicates: UInt64
    /// Reason → readings refused for it: `too_old`, `no_room_for_series`
    public var refused: [String: UInt64]

    public init(lines: UInt64 = 0, stored: UInt64 = 0, duplicates: UInt64 = 0, refused: [String: UInt64] = [:]) {
        self.lines = lines
        self.stored = stored
        self.duplicates = duplicates
        self.refused = refused
    }
}
