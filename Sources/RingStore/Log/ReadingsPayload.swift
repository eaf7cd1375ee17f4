/// What stands in a frame of readings, as the reader sees it.
enum LogItem {
    case registration(CatalogueRecord)
    case identity(MessageIdentity)
    /// Rows in order of time, or a late sample: the group says which. The values are in `values` of the reader.
    case row(GroupKey, time: Int64)
}

/// How a series' values are written within one frame: absolute at first, then the change of the whole number.
private struct ValueState {
    var frame: UInt32 = 0
    var exponent: UInt8 = 0
    var integer: Int64 = 0
}

/// Marks a value that is eight raw bytes.
private let rawExponent: UInt8 = 0xff

/// Writes the payload of frames of readings. Each frame stands alone: nothing refers to an earlier one.
///
/// Items, each with a varint tag: the group's number for a row; for what else there is, the kind that no group has.
struct ReadingsEncoder {
    private var states: [ValueState] = []
    private var frame: UInt32 = 0
    private var time: Int64 = 0

    /// Begins a frame.
    mutating func begin() {
        frame &+= 1
        if frame == 0 {
            // After 2^32 frames old stamps could be taken for this frame's.
            for index in states.indices { states[index].frame = 0 }
            frame = 1
        }
        time = 0
    }

    mutating func append(_ record: CatalogueRecord, to out: inout ByteWriter) {
        out.appendVarint(LogTag.registration)
        record.append(to: &out)
    }

    mutating func append(_ identity: MessageIdentity, to out: inout ByteWriter) {
        out.appendVarint(LogTag.identity)
        out.append(identity.hash)
    }

    @inline(__always)
    mutating func beginRow(_ key: GroupKey, time: Int64, to out: inout ByteWriter) {
        out.appendVarint(UInt64(key.raw))
        out.appendSignedVarint(time &- self.time)
        self.time = time
    }

    /// Appends the next value of the row.
    @inline(__always)
    mutating func append(_ value: Double, series: UInt32, to out: inout ByteWriter) {
        let index = Int(series)
        if index >= states.count { extend(to: index) }
        let frame = self.frame
        states.withUnsafeMutableBufferPointer { states in
            let known = states[index].frame == frame
            let exponent = states[index].exponent
            guard let integer = DecimalScale.integer(value, times: DecimalScale.power(Int(exponent))) else {
                return states[index].announce(value, in: frame, known: known, to: &out)
            }
            if known {
                out.appendVarint((integer &- states[index].integer).zigzag << 1)
            } else {
                states[index].frame = frame
                out.append(exponent)
                out.appendSignedVarint(integer)
            }
            states[index].integer = integer
        }
    }

    @inline(never)
    private mutating func extend(to index: Int) {
        states.append(contentsOf: repeatElement(ValueState(), count: max(index + 1 - states.count, states.count)))
    }
}

extension ValueState {
    /// Writes a value that the exponent at hand does not fit: with one that does, or raw.
    @inline(never)
    fileprivate mutating func announce(_ value: Double, in frame: UInt32, known: Bool, to out: inout ByteWriter) {
        if known { out.appendVarint(1) }
        self.frame = frame
        if let exponent = DecimalScale.exponent(of: value),
            let integer = DecimalScale.integer(value, times: DecimalScale.power(exponent))
        {
            self.exponent = UInt8(exponent)
            self.integer = integer
            out.append(self.exponent)
            out.appendSignedVarint(integer)
        } else {
            exponent = 0
            integer = 0
            out.append(rawExponent)
            out.append(value)
        }
    }
}

/// Tags with the group kind that no row has.
private enum LogTag {
    static let registration: UInt64 = 0 << 2 | 3
    static let identity: UInt64 = 1 << 2 | 3
}

/// Reads the payload of frames of readings.
struct ReadingsDecoder {
    private var states: [UInt32: ValueState] = [:]
    private var frame: UInt32 = 0
    private var time: Int64 = 0
    /// The values of the last row.
    private(set) var values: [Double] = []

    mutating func begin() {
        states.removeAll(keepingCapacity: true)
        frame = 1
        time = 0
    }

    /// The next item; nil at the end. `columns` tells the series of a group, nil if there is no such group.
    mutating func next(
        _ reader: inout ByteReader, columns: (GroupKey) -> [UInt32]?
    ) throws(DamagedBytes) -> LogItem? {
        guard reader.remaining > 0 else { return nil }
        let tag = try reader.varint()
        switch tag {
        case LogTag.registration: return .registration(try CatalogueRecord(&reader))
        case LogTag.identity: return .identity(MessageIdentity(try reader.integer()))
        default: break
        }
        guard let raw = UInt32(exactly: tag), let series = columns(GroupKey(raw: raw)) else {
            throw DamagedBytes("group")
        }
        time &+= try reader.signedVarint()
        values.removeAll(keepingCapacity: true)
        for one in series { values.append(try value(of: one, &reader)) }
        return .row(GroupKey(raw: raw), time: time)
    }

    private mutating func value(of series: UInt32, _ reader: inout ByteReader) throws(DamagedBytes) -> Double {
        if var state = states[series] {
            let change = try reader.varint()
            if change & 1 == 0 {
                state.integer &+= Int64(zigzag: change >> 1)
                states[series] = state
                return Double(state.integer) / DecimalScale.power(Int(state.exponent))
            }
            guard change == 1 else { throw DamagedBytes("value") }
        }
        let exponent = try reader.integer(UInt8.self)
        if exponent == rawExponent {
            states[series] = ValueState()
            return try reader.double()
        }
        guard exponent <= DecimalScale.largestExponent else { throw DamagedBytes("exponent") }
        let integer = try reader.signedVarint()
        states[series] = ValueState(frame: frame, exponent: exponent, integer: integer)
        return Double(integer) / DecimalScale.power(Int(exponent))
    }
}
