/// What a chunk's header says of a column: enough to answer for the whole chunk without reading the column.
///
/// There is none for columns with a NaN or an infinity, of which a sum says nothing, and for chunks below
/// `Chunk.leastZoneRows`, of which the rows are as quickly read. The caller then reads the column.
struct Zone: Equatable, Sendable {
    /// A sum that is exact, or as close as two Doubles can be.
    enum Sum: Equatable, Sendable {
        /// Exactly so many times 10^−exponent.
        case decimal(Int64, exponent: Int)
        /// The unevaluated sum of two Doubles (compensated summation, Neumaier 1974): the second is what the first lacks.
        case double(Double, rest: Double)

        /// Rounded once.
        var value: Double {
            switch self {
            case .decimal(let sum, let exponent): Double(sum) / DecimalScale.power(exponent)
            case .double(let sum, let rest): sum + rest
            }
        }
    }

    var count: Int
    var min: Double
    var max: Double
    var first: Double
    var last: Double
    var sum: Sum
}

extension Zone {
    /// Of decimals, as whole numbers of the scale `exponent`.
    init(_ integers: UnsafeBufferPointer<Int64>, exponent: Int) {
        var least = Int64.max
        var most = Int64.min
        var sum: Int64 = 0
        for integer in integers {
            least = Swift.min(least, integer)
            most = Swift.max(most, integer)
            sum &+= integer
        }
        let power = DecimalScale.power(exponent)
        self.init(
            count: integers.count, min: Double(least) / power, max: Double(most) / power,
            first: Double(integers[0]) / power, last: Double(integers[integers.count - 1]) / power,
            sum: .decimal(sum, exponent: exponent))
    }

    /// Of any values; nil if one of them is a NaN or an infinity, or the sum is none.
    init?(_ values: UnsafeBufferPointer<Double>) {
        var least = values[0]
        var most = values[0]
        var sum = 0.0
        var rest = 0.0
        for value in values {
            guard value.isFinite else { return nil }
            least = value < least ? value : least
            most = value > most ? value : most
            let total = sum + value
            rest += sum.magnitude >= value.magnitude ? (sum - total) + value : (value - total) + sum
            sum = total
        }
        guard sum.isFinite, rest.isFinite else { return nil }
        self.init(
            count: values.count, min: least, max: most, first: values[0], last: values[values.count - 1],
            sum: .double(sum, rest: rest))
    }
}

/// How a zone stands in a chunk's header.
enum ZoneRecord {
    /// The low three bits of the first byte; the others are the exponent, where there is one.
    enum Kind: UInt8 {
        /// Nothing follows.
        case none = 0
        /// `signed varint` min; `varint` max − min, first − min, last − min, sum − rows · min: whole numbers of the scale.
        case decimal = 1
        /// min, max, first, last, sum and what the sum lacks, eight bytes each.
        case double = 2
        /// `signed varint`: all rows are this. There is no body.
        case constantDecimal = 3
        /// Eight bytes: all rows are this. There is no body.
        case constantDouble = 4
    }

    static func append(constant value: Double, to out: inout ByteWriter) {
        guard let exponent = DecimalScale.exponent(of: value),
            let integer = DecimalScale.integer(value, times: DecimalScale.power(exponent))
        else {
            out.append(Kind.constantDouble.rawValue)
            out.append(value)
            return
        }
        out.append(Kind.constantDecimal.rawValue | UInt8(exponent) << 3)
        out.appendSignedVarint(integer)
    }

    static func appendNone(to out: inout ByteWriter) { out.append(Kind.none.rawValue) }

    static func append(_ zone: Zone, to out: inout ByteWriter) {
        switch zone.sum {
        case .decimal(let sum, let exponent):
            out.append(Kind.decimal.rawValue | UInt8(exponent) << 3)
            // Exact: these are whole numbers of the scale that came back bit for bit.
            let power = DecimalScale.power(exponent)
            func integer(_ value: Double) -> Int64 { DecimalScale.integer(value, times: power) ?? 0 }
            let least = integer(zone.min)
            out.appendSignedVarint(least)
            out.appendVarint(UInt64(bitPattern: integer(zone.max) &- least))
            out.appendVarint(UInt64(bitPattern: integer(zone.first) &- least))
            out.appendVarint(UInt64(bitPattern: integer(zone.last) &- least))
            out.appendVarint(UInt64(bitPattern: sum &- least &* Int64(zone.count)))
        case .double(let sum, let rest):
            out.append(Kind.double.rawValue)
            for value in [zone.min, zone.max, zone.first, zone.last, sum, rest] { out.append(value) }
        }
    }

    /// Reads past a record.
    static func skip(_ reader: inout ByteReader) throws(DamagedBytes) {
        switch try kind(&reader).kind {
        case .none: break
        case .decimal: for _ in 0..<5 { _ = try reader.varint() }
        case .double: _ = try reader.slice(48)
        case .constantDecimal: _ = try reader.varint()
        case .constantDouble: _ = try reader.slice(8)
        }
    }

    private static func kind(_ reader: inout ByteReader) throws(DamagedBytes) -> (kind: Kind, exponent: Int) {
        let byte = try reader.integer(UInt8.self)
        guard let kind = Kind(rawValue: byte & 7), Int(byte >> 3) <= DecimalScale.largestExponent else {
            throw DamagedBytes("zone")
        }
        return (kind, Int(byte >> 3))
    }

    /// The value that all rows have; nil if they differ.
    static func constant(_ reader: inout ByteReader) throws(DamagedBytes) -> Double? {
        let (kind, exponent) = try kind(&reader)
        switch kind {
        case .none, .decimal, .double: return nil
        case .constantDecimal: return Double(try reader.signedVarint()) / DecimalScale.power(exponent)
        case .constantDouble: return try reader.double()
        }
    }

    static func zone(_ reader: inout ByteReader, rows: Int) throws(DamagedBytes) -> Zone? {
        let (kind, exponent) = try kind(&reader)
        let power = DecimalScale.power(exponent)
        switch kind {
        case .none: return nil
        case .decimal:
            let least = try reader.signedVarint()
            let most = least &+ Int64(bitPattern: try reader.varint())
            let first = least &+ Int64(bitPattern: try reader.varint())
            let last = least &+ Int64(bitPattern: try reader.varint())
            let sum = least &* Int64(rows) &+ Int64(bitPattern: try reader.varint())
            return Zone(
                count: rows, min: Double(least) / power, max: Double(most) / power, first: Double(first) / power,
                last: Double(last) / power, sum: .decimal(sum, exponent: exponent))
        case .double:
            let numbers = ByteReader(try reader.slice(48))
            func number(_ index: Int) -> Double {
                Double(
                    bitPattern: UInt64(
                        littleEndian: numbers.bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
            }
            return Zone(
                count: rows, min: number(0), max: number(1), first: number(2), last: number(3),
                sum: .double(number(4), rest: number(5)))
        case .constantDecimal:
            let integer = try reader.signedVarint()
            let value = Double(integer) / power
            return Zone(
                count: rows, min: value, max: value, first: value, last: value,
                sum: .decimal(integer &* Int64(rows), exponent: exponent))
        case .constantDouble:
            let value = try reader.double()
            guard value.isFinite else { return nil }
            let sum = value * Double(rows)
            guard sum.isFinite else { return nil }
            return Zone(
                count: rows, min: value, max: value, first: value, last: value,
                sum: .double(sum, rest: (-sum).addingProduct(value, Double(rows))))
        }
    }
}
