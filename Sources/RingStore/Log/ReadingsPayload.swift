import Readings

/// What stands in a frame of readings, each item behind its tag: first records of the catalogue, then rows, group by group,
/// then the identities of messages, then which samples came late. Each frame stands alone: nothing refers to an earlier one.
///
/// Rows of a group stand in the order of their arrival. Between groups the order is lost, and means nothing: each keeps its
/// rows by itself.
enum ReadingsPayload {
    enum Tag: UInt8 {
        case end = 0
        case record = 1
        case rows = 2
        case identities = 3
        case late = 4
    }

    /// More rows of a group are written as if they were of two groups.
    static let mostRows = 4096
    /// Zeros at the end, so that a load of eight bytes at any packed bit stays within the payload.
    static let slack = 8
    /// In the place of an exponent: eight bytes a value.
    static let rawExponent: UInt8 = 15
    /// Added to the exponent: each number less the least, not less the one before.
    static let aboveLeast: UInt8 = 16
    /// Where in a column's first byte the width of its numbers stands, if it is below `widthBehind`: most are.
    static let widthShift: UInt8 = 5
    /// In the place of the width: it is the next byte.
    static let widthBehind: UInt8 = 7
    /// Tag of the end, and the zeros behind it.
    static let endBytes = 1 + slack

    /// What one more group takes at most, its rows and columns not counted.
    static let mostBytesOfGroup = 5 + 2 + 10 + 10 + 1
    /// What one more column of a group takes at most, its values not counted.
    static let mostBytesOfColumn = 1 + 10 + 1
}

/// Writes rows and identities of frames.
struct ReadingsEncoder {
    /// Working memory for one column.
    private final class Scratch {
        let integers = UnsafeMutableBufferPointer<Int64>.allocate(capacity: ReadingsPayload.mostRows)
        let packed = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: ReadingsPayload.mostRows)

        init() {
            integers.initialize(repeating: 0)
            packed.initialize(repeating: 0)
        }

        deinit {
            integers.deallocate()
            packed.deallocate()
        }
    }

    private let scratch = Scratch()
    /// By series, the exponent of the last frame: where the search for the next one begins.
    private var exponents: [UInt8] = []
    /// The series of the last record.
    private var previous: UInt32?
    /// Of the run before.
    private var group: UInt32 = 0
    private var firstTime: Int64 = 0
    private var leastGap: Int64 = 0

    static var scratchBytes: Int { 16 * ReadingsPayload.mostRows }
    var memoryBytesOfSeries: Int { exponents.capacity }

    /// From here on no record refers to one before.
    mutating func begin() { previous = nil }

    mutating func append(_ change: CatalogueChange, of catalogue: Catalogue, to out: inout ByteWriter) {
        out.append(ReadingsPayload.Tag.record.rawValue)
        catalogue.append(change, previous: &previous, to: &out)
    }

    /// Begins `groups` groups of rows, the first of which is at `time`.
    mutating func beginRows(groups: Int, time: Int64, to out: inout ByteWriter) {
        out.append(ReadingsPayload.Tag.rows.rawValue)
        out.appendVarint(UInt64(groups))
        out.appendSignedVarint(time)
        firstTime = time
        leastGap = 0
        group = 0
    }

    /// Appends group and times of up to `mostRows` rows.
    mutating func beginGroup(_ key: GroupKey, times: UnsafeBufferPointer<Int64>, to out: inout ByteWriter) {
        out.appendSignedVarint(Int64(key.raw) - Int64(group))
        group = key.raw
        out.appendVarint(UInt64(times.count))
        out.appendSignedVarint(times[0] &- firstTime)
        firstTime = times[0]
        guard times.count > 1 else { return }
        var least = times[1] &- times[0]
        for index in 1..<times.count { least = min(least, times[index] &- times[index - 1]) }
        var all: UInt64 = 0
        for index in 1..<times.count {
            let above = UInt64(bitPattern: times[index] &- times[index - 1] &- least)
            scratch.packed[index - 1] = above
            all |= above
        }
        out.appendSignedVarint(least &- leastGap)
        leastGap = least
        let width = PackedRun.width(of: all)
        out.append(UInt8(width))
        appendPacked(times.count - 1, width, to: &out)
    }

    /// Appends the values of a column of the group that was begun.
    mutating func appendColumn(_ values: UnsafeBufferPointer<Double>, series: UInt32, to out: inout ByteWriter) {
        let index = Int(series)
        if index >= exponents.count { extend(to: index) }
        guard let exponent = takeIntegers(of: values, from: exponents[index]) else {
            exponents[index] = 0
            out.append(ReadingsPayload.rawExponent)
            for value in values { out.append(value) }
            return
        }
        exponents[index] = exponent
        let integers = UnsafeBufferPointer(rebasing: scratch.integers[..<values.count])
        let first = integers[0]
        guard integers.count > 1 else {
            out.append(exponent)
            out.appendSignedVarint(first)
            return
        }
        var least = first
        var most = first
        var changes: UInt64 = 0
        for index in 1..<integers.count {
            least = min(least, integers[index])
            most = max(most, integers[index])
            let change = (integers[index] &- integers[index - 1]).zigzag
            scratch.packed[index - 1] = change
            changes |= change
        }
        let widthAbove = PackedRun.width(of: UInt64(bitPattern: most &- least))
        let widthOfChanges = PackedRun.width(of: changes)
        if PackedRun.bytes(count: integers.count, width: widthAbove)
            < PackedRun.bytes(count: integers.count - 1, width: widthOfChanges)
        {
            for index in integers.indices { scratch.packed[index] = UInt64(bitPattern: integers[index] &- least) }
            beginColumn(exponent | ReadingsPayload.aboveLeast, widthAbove, to: &out)
            out.appendSignedVarint(least)
            appendPacked(integers.count, widthAbove, to: &out)
        } else {
            beginColumn(exponent, widthOfChanges, to: &out)
            out.appendSignedVarint(first)
            appendPacked(integers.count - 1, widthOfChanges, to: &out)
        }
    }

    private func beginColumn(_ head: UInt8, _ width: Int, to out: inout ByteWriter) {
        let width = UInt8(width)
        out.append(head | min(width, ReadingsPayload.widthBehind) << ReadingsPayload.widthShift)
        if width >= ReadingsPayload.widthBehind { out.append(width) }
    }

    /// Puts the values as whole numbers into the scratch. Returns their exponent; nil if they have none.
    private func takeIntegers(of values: UnsafeBufferPointer<Double>, from known: UInt8) -> UInt8? {
        // One below the last: an exponent that one value needed long ago does not stay for ever.
        var exponent = max(Int(known) - 1, 0)
        var index = 0
        while index < values.count {
            let power = DecimalScale.power(exponent)
            while index < values.count, let integer = DecimalScale.integer(values[index], times: power) {
                scratch.integers[index] = integer
                index += 1
            }
            if index < values.count {
                guard let larger = DecimalScale.exponent(of: values[index], from: exponent + 1) else { return nil }
                exponent = larger
                index = 0
            }
        }
        return UInt8(exponent)
    }

    private func appendPacked(_ count: Int, _ width: Int, to out: inout ByteWriter) {
        PackedRun.append(UnsafeBufferPointer(rebasing: scratch.packed[..<count]), width: width, to: &out)
    }

    @inline(never)
    private mutating func extend(to index: Int) {
        exponents.append(contentsOf: repeatElement(0, count: max(index + 1, exponents.count * 5 / 4) - exponents.count))
    }

    func append(_ identities: [MessageIdentity], to out: inout ByteWriter) {
        guard !identities.isEmpty else { return }
        out.append(ReadingsPayload.Tag.identities.rawValue)
        out.appendVarint(UInt64(identities.count))
        for identity in identities { out.append(identity.hash) }
    }

    func append(late: [LateSample], to out: inout ByteWriter) {
        guard !late.isEmpty else { return }
        out.append(ReadingsPayload.Tag.late.rawValue)
        LateSampleCoder.append(late[...], to: &out)
    }

    func end(_ out: inout ByteWriter) {
        out.append(ReadingsPayload.Tag.end.rawValue)
        out.appendZeros(ReadingsPayload.slack)
    }
}

/// One thing that the reader of a frame finds.
enum LogItem {
    case record(CatalogueRecord)
    case identity(MessageIdentity)
    /// That a sample came late.
    case late(LateSample)
    /// Rows of a group: their times and values are in `times` and `values` of the reader.
    case rows(GroupKey, rows: Int, columns: Int)
}

/// Reads the payload of frames of readings.
struct ReadingsDecoder {
    /// Of the last rows.
    private(set) var times: [Int64] = []
    /// Of the last rows, row by row.
    private(set) var values: [Double] = []
    private var packed: [UInt64] = []
    /// Of the run before.
    private var group: UInt32 = 0
    private var firstTime: Int64 = 0
    private var leastGap: Int64 = 0
    private var groupsLeft = 0
    private var identitiesLeft = 0
    private var lateLeft = 0
    private var lateCoder = LateSampleCoder()
    private var previous: [Label] = []

    mutating func begin() {
        previous = []
        groupsLeft = 0
        identitiesLeft = 0
        lateLeft = 0
    }

    /// The next item; nil at the end. `columns` tells how many a group has, nil if there is no such group.
    mutating func next(
        _ reader: inout ByteReader, columns: (GroupKey) -> Int?
    ) throws(DamagedBytes) -> LogItem? {
        while true {
            if groupsLeft > 0 {
                groupsLeft -= 1
                return try rows(&reader, columns)
            }
            if identitiesLeft > 0 {
                identitiesLeft -= 1
                return .identity(MessageIdentity(try reader.integer()))
            }
            if lateLeft > 0 {
                lateLeft -= 1
                return .late(try lateCoder.next(&reader))
            }
            guard let tag = ReadingsPayload.Tag(rawValue: try reader.integer()) else { throw DamagedBytes("tag") }
            switch tag {
            case .end: return nil
            case .record: return .record(try CatalogueRecord(&reader, previous: &previous))
            case .identities: identitiesLeft = try reader.count(leastBytes: 8)
            case .late:
                lateLeft = try LateSampleCoder.count(&reader)
                lateCoder = LateSampleCoder()
            case .rows:
                groupsLeft = try reader.count(leastBytes: 4)
                firstTime = try reader.signedVarint()
                leastGap = 0
                group = 0
            }
        }
    }

    private mutating func rows(
        _ reader: inout ByteReader, _ columns: (GroupKey) -> Int?
    ) throws(DamagedBytes) -> LogItem {
        guard let raw = UInt32(exactly: Int64(group) &+ (try reader.signedVarint())),
            let columns = columns(GroupKey(raw: raw)), (1...Chunk.mostColumns).contains(columns)
        else { throw DamagedBytes("group") }
        group = raw
        guard let count = Int(exactly: try reader.varint()), (1...ReadingsPayload.mostRows).contains(count) else {
            throw DamagedBytes("rows")
        }
        times.removeAll(keepingCapacity: true)
        firstTime = firstTime &+ (try reader.signedVarint())
        var time = firstTime
        times.append(time)
        if count > 1 {
            leastGap = leastGap &+ (try reader.signedVarint())
            try unpack(count - 1, width: Int(try reader.integer(UInt8.self)), &reader)
            for above in packed {
                time = time &+ leastGap &+ Int64(bitPattern: above)
                times.append(time)
            }
        }
        if values.count != count * columns { values = Array(repeating: 0, count: count * columns) }
        for column in 0..<columns { try decodeColumn(column, of: columns, count, &reader) }
        return .rows(GroupKey(raw: raw), rows: count, columns: columns)
    }

    private mutating func unpack(_ count: Int, width: Int, _ reader: inout ByteReader) throws(DamagedBytes) {
        if packed.count != count { packed = Array(repeating: 0, count: count) }
        var failure: DamagedBytes?
        packed.withUnsafeMutableBufferPointer { packed in
            do throws(DamagedBytes) {
                try PackedRun.decode(&reader, width: width, into: packed)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private mutating func decodeColumn(
        _ column: Int, of columns: Int, _ count: Int, _ reader: inout ByteReader
    ) throws(DamagedBytes) {
        let head = try reader.integer(UInt8.self)
        if head == ReadingsPayload.rawExponent {
            for row in 0..<count { values[row * columns + column] = try reader.double() }
            return
        }
        let isAboveLeast = head & ReadingsPayload.aboveLeast != 0
        let exponent = Int(head & (ReadingsPayload.aboveLeast - 1))
        guard exponent <= DecimalScale.largestExponent else { throw DamagedBytes("exponent") }
        let power = DecimalScale.power(exponent)
        var width = head >> ReadingsPayload.widthShift
        if width == ReadingsPayload.widthBehind { width = try reader.integer() }
        let first = try reader.signedVarint()
        if isAboveLeast {
            try unpack(count, width: Int(width), &reader)
            for row in 0..<count {
                values[row * columns + column] = Double(first &+ Int64(bitPattern: packed[row])) / power
            }
            return
        }
        var integer = first
        values[column] = Double(integer) / power
        guard count > 1 else { return }
        try unpack(count - 1, width: Int(width), &reader)
        for row in 1..<count {
            integer &+= Int64(zigzag: packed[row - 1])
            values[row * columns + column] = Double(integer) / power
        }
    }
}
