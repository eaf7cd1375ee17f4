import GRDB
import Readings

/// Columns of a file that may be damaged: GRDB's own subscripts trap where a value has another type than is asked for.
extension Row {
    public func checked<Value: DatabaseValueConvertible>(_ column: Int) throws(DatabaseFault) -> Value {
        let stored: DatabaseValue = self[column]
        guard let value = Value.fromDatabaseValue(stored) else {
            throw .damaged("a row holds a value of another type than was written")
        }
        return value
    }

    /// Nil for NULL.
    public func optional<Value: DatabaseValueConvertible>(_ column: Int) throws(DatabaseFault) -> Value? {
        let stored: DatabaseValue = self[column]
        return stored.isNull ? nil : try checked(column)
    }

    /// A time that can be written with four digits of the year.
    public func time(_ column: Int) throws(DatabaseFault) -> Timestamp {
        Timestamp(milliseconds: Swift.min(Swift.max(0, try checked(column)), 253_402_300_799_999))
    }
}
