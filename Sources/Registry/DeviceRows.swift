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
                SELECT household, device, convention, name, model, manufacturer, room, available, availableSince FROM device
                """)
        while let row = try rows.next() {
            let since: Int64? = row[8]
            devices.append(
                KnownDevice(
                    household: row[0], device: row[1],
                    description: DeviceDescription(
                        convention: (row[2] as String?).map(Convention.init(rawValue:)), available: row[7],
                        availableSince: since.map(Timestamp.init(milliseconds:)), name: row[3], model: row[4],
                        manufacturer: row[5], room: row[6])))
        }
        return devices
    }

    static func save(_ devices: [KnownDevice], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO device
                (household, device, convention, name, model, manufacturer, room, available, availableSince)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for one in devices {
            let told = one.description
            try statement.execute(arguments: [
                one.household, one.device, told.convention?.rawValue, told.name, told.model, told.manufacturer,
                told.room, told.available, told.availableSince?.milliseconds,
            ])
        }
    }
}
