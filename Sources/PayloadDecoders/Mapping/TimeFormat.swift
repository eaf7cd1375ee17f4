import Readings

/// How a mapping's device writes its times.
struct TimeFormat: Sendable, Equatable {
    private enum Kind: Sendable, Equatable {
        case automatic
        /// A number since 1970; times and over make milliseconds of it.
        case epoch(times: Double, over: Double)
        case pattern([Piece])
    }

    private enum Piece: Sendable, Equatable {
        case year, month, day, hour, minute, second, fraction, zone
        case text(String)
    }

    private let kind: Kind

    init(_ format: String) throws(MappingFault.Problem) {
        switch format {
        case "auto": kind = .automatic
        case "s": kind = .epoch(times: 1000, over: 1)
        case "ms": kind = .epoch(times: 1, over: 1)
        case "us": kind = .epoch(times: 1, over: 1000)
        case "ns": kind = .epoch(times: 1, over: 1_000_000)
        default:
            guard let pieces = TimeFormat.pieces(format) else { throw .badTimeFormat(format) }
            kind = .pattern(pieces)
        }
    }

    /// Nil if a letter is none of a pattern's, or if year, month or day is missing.
    private static func pieces(_ pattern: String) -> [Piece]? {
        var pieces: [Piece] = []
        var rest = pattern[...]
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            switch run {
            case "yyyy": pieces.append(.year)
            case "MM": pieces.append(.month)
            case "dd": pieces.append(.day)
            case "HH": pieces.append(.hour)
            case "mm": pieces.append(.minute)
            case "ss": pieces.append(.second)
            case "S", "SS", "SSS", "SSSSSS", "SSSSSSSSS": pieces.append(.fraction)
            case "Z": pieces.append(.zone)
            case "T": pieces.append(.text("T"))
            default:
                guard !first.isLetter, first.isASCII else { return nil }
                pieces.append(.text(String(run)))
            }
            rest = rest[run.endIndex...]
        }
        return [.year, .month, .day].allSatisfy(pieces.contains) ? pieces : nil
    }

    /// The time that a value gives; nil if it is not written so.
    func read(_ value: JSONValue) -> WrittenTime? {
        switch kind {
        case .automatic: return value.writtenTime
        case .epoch(let multiplier, let divisor):
            guard let number = value.number,
                let milliseconds = Int64(exactly: (number * multiplier / divisor + 0.0005).rounded(.down))
            else { return nil }
            return .instant(Timestamp(milliseconds: milliseconds))
        case .pattern(let pieces):
            if value.kind == .string { return value.withText { TimeFormat.read($0, by: pieces) } }
            return nil
        }
    }

    private static func read(_ text: UnsafeRawBufferPointer, by pieces: [Piece]) -> WrittenTime? {
        var reader = WrittenTime.Reader(bytes: ASCII.trimmed(text))
        var (year, month, day) = (0, 0, 0)
        var (hour, minute, second, millisecond) = (0, 0, 0, 0)
        var secondsEastOfUTC: Int?
        func take(_ number: Int?, _ field: inout Int) -> Bool {
            guard let number else { return false }
            field = number
            return true
        }
        for piece in pieces {
            switch piece {
            case .year: guard take(reader.digits(4), &year) else { return nil }
            case .month: guard take(reader.digits(2), &month) else { return nil }
            case .day: guard take(reader.digits(2), &day) else { return nil }
            case .hour: guard take(reader.digits(2), &hour) else { return nil }
            case .minute: guard take(reader.digits(2), &minute) else { return nil }
            case .second: guard take(reader.digits(2), &second) else { return nil }
            case .fraction: guard take(reader.milliseconds(), &millisecond) else { return nil }
            case .zone:
                guard let told = reader.distanceFromUTC() else { return nil }
                secondsEastOfUTC = told
            case .text(let text):
                for byte in text.utf8 where !reader.next(byte) { return nil }
            }
        }
        guard reader.isAtEnd,
            let civil = CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                millisecond: millisecond)
        else { return nil }
        return secondsEastOfUTC.map { .instant(civil.timestamp(secondsEastOfUTC: $0)) } ?? .local(civil)
    }
}
