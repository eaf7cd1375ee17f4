/// The registry's tables. Times are milliseconds since 1970. README.md says what the columns mean.
enum RegistryTables {
    /// Each makes the next version of the one before.
    static let migrations = [
        """
        CREATE TABLE device (
            household TEXT NOT NULL, device TEXT NOT NULL, convention TEXT, name TEXT, model TEXT, manufacturer TEXT,
            room TEXT, available INTEGER, availableSince INTEGER,
            PRIMARY KEY (household, device)
        ) WITHOUT ROWID;
        CREATE TABLE refused (
            id INTEGER PRIMARY KEY, cost INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL, convention TEXT,
            household TEXT, arrival INTEGER NOT NULL, retained INTEGER NOT NULL, isWhole INTEGER NOT NULL,
            payloadBytes INTEGER NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL
        );
        CREATE INDEX refusedByGroup ON refused (topic, reason);
        """,
        "ALTER TABLE device ADD COLUMN originalUnits TEXT",
    ]
}
