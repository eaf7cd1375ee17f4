import Foundation

/// A piece of the alerts' state as it is kept over a restart: a text under a key. Nobody but the engine reads it.
public struct SavedRow: Sendable, Equatable, Codable {
    /// The same for the same alert, or group, at all times.
    public let key: String
    /// JSON. What is added to it later is optional, so that older rows can be read.
    public let json: String

    public init(key: String, json: String) {
        self.key = key
        self.json = json
    }

    /// Whether a row with this key is the first to give way where there is no room: the text of a rule file, which is only wanted if
    /// the file is spoilt, and late readings, which are only wanted for as long as rules look back.
    public static func isDispensable(key: String) -> Bool { key.hasPrefix("[\"rules\",") || isLate(key: key) }

    /// Whether the row is not the engine's, but says which readings of a series no rule sees.
    public static func isLate(key: String) -> Bool { key.hasPrefix("[\"late\",") }

    /// The key of what is late of one series, which `parts` name.
    public static func lateKey(of parts: [String]) -> String { SavedItem.key(["late"] + parts) }
}

/// What of the alerts' state is not saved yet.
public struct AlertStateChanges: Sendable {
    /// Rows that are new or different.
    public internal(set) var changed: [SavedRow] = []
    /// The keys of rows that are no longer there.
    public internal(set) var removed: [String] = []
    /// What the rows say, for `RuleEngine.markSaved`.
    var items: [String: SavedItem] = [:]

    /// Whether all is saved.
    public var isEmpty: Bool { changed.isEmpty && removed.isEmpty }
}

/// What a row says: one of the three.
struct SavedItem: Sendable, Equatable, Codable {
    var alert: SavedAlert?
    var group: SavedGroup?
    var rules: SavedRules?

    var key: String { alert?.key ?? group?.key ?? rules?.key ?? "" }
    var file: String { alert?.file ?? group?.file ?? rules?.file ?? "" }

    /// - Throws: `DecodingError` if the row is none of this program's.
    init(_ row: SavedRow) throws {
        self = try JSONDecoder().decode(SavedItem.self, from: Data(row.json.utf8))
    }

    init(_ alert: SavedAlert) { self.alert = alert }
    init(_ group: SavedGroup) { self.group = group }
    init(_ rules: SavedRules) { self.rules = rules }

    /// Nil only for what can't be written as JSON, which no item is.
    var row: SavedRow? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return nil }
        return SavedRow(key: key, json: String(decoding: data, as: UTF8.self))
    }

    /// A key that no two different lists of parts have in common.
    static func key(_ parts: [String]) -> String { "[" + parts.map(JSONText.string).joined(separator: ",") + "]" }
}
