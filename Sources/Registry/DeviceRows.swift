import BoundedDatabase
import Foundation
import GRDB
import Intake
import PayloadDecoders
import Readings

/// The table of devices.
enum DeviceRows {
    /// All of them, as far as they can be read.
    static func load(_ db: Database) throws -> [KnownDevice] {
        var devices: [KnownDevice] = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT household, device, convention, name, model, manufacturer, room, available, availableSince,
                originalUnits FROM device
                """)
        while let row = try rows.next() {
            let hasSince = (try row.optional(8) as Int64?) != nil
            devices.append(
                KnownDevice(
                    household: try row.checked(0), device: try row.checked(1),
                    description: DeviceDescription(
                        convention: (try row.optional(2) as String?).map(Convention.init(rawValue:)),
                        available: try row.optional(7), availableSince: hasSince ? try row.time(8) : nil,
                        name: try row.optional(3), model: try row.optional(4), manufacturer: try row.optional(5),
                        room: try row.optional(6), originalUnits: originalUnits(try row.optional(9)))))
        }
        return devices
    }

    /// Nothing, if the text is damaged: it comes again with the next reading.
    private static func originalUnits(_ text: String?) -> [String: String] {
        text.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) } ?? [:]
    }

    private static func text(_ originalUnits: [String: String]) -> String? {
        guard !originalUnits.isEmpty, let json = try? JSONEncoder().encode(originalUnits) else { return nil }
        return String(decoding: json, as: UTF8.self)
    }

    static func save(_ devices: [KnownDevice], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO device
                (household, device, convention, name, model, manufacturer, room, available, availableSince, originalUnits)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for one in devices {
            let told = one.description
            try statement.execute(arguments: [
                one.household, one.device, told.convention?.rawValue, told.name, told.model, told.manufacturer,
                told.room, told.available, told.availableSince?.milliseconds,
                text(told.originalUnits),
            ])
        }
    }
}
