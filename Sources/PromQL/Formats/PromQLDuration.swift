import Readings

/// Prometheus's durations: whole numbers with the units y, w, d, h, m, s and ms, from long to short, each once: `1h30m`.
///
/// A year is 365 days and a day 24 hours, always.
public struct PromQLDuration: Hashable, Sendable {
    /// May be negative, for offsets into the future.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Reads `5m` or `1h30m`, also `0`.
    /// - Throws: `PromQLError` (bad data) that says what a duration looks like.
    public static func parse(_ text: String) throws(PromQLError) -> PromQLDuration {
        let bytes = Array(text.utf8)
        if bytes.elementsEqual("0".utf8) { return PromQLDuration(milliseconds: 0) }
        switch read(bytes[...]) {
        case .success(let milliseconds): return PromQLDuration(milliseconds: milliseconds)
        case .failure(let fault):
            throw PromQLError(.badData, "not a valid duration string: \"\(text.prefix(40))\": \(fault.reason)")
        }
    }

    /// Reads a duration parameter of the HTTP API: seconds as a decimal number (`15`, `0.5`), or `5m`.
    /// - Throws: `PromQLError` (bad data).
    public static func parse(parameter text: String) throws(PromQLError) -> PromQLDuration {
        if let seconds = Double(text) {
            guard let time = Timestamp(secondsSince1970: seconds), time.milliseconds.magnitude <= limit.magnitude else {
                throw PromQLError(
                    .badData, "cannot parse \"\(text.prefix(40))\" to a valid duration: it is out of range")
            }
            return PromQLDuration(milliseconds: time.milliseconds)
        }
        return try parse(text)
    }

    struct Fault: Error { let reason: String }

    /// 292 years: what Prometheus's 64 bits of nanoseconds hold.
    static let limit: Int64 = .max / 1_000_000

    private static let units: [(name: StaticString, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
        ("s", 1000), ("ms", 1),
    ]

    /// The milliseconds that `word` stands for.
    static func read(_ word: ArraySlice<UInt8>) -> Result<Int64, Fault> {
        var rest = word
        var total: Int64 = 0
        var nextUnit = 0
        guard !rest.isEmpty else { return .failure(Fault(reason: "it is empty; write 5m or 1h30m")) }
        while !rest.isEmpty {
            let digits = rest.prefix { "0"..."9" ~= $0 }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { "a"..."z" ~= $0 }
            rest = rest.dropFirst(name.count)
            let found = units.firstIndex { unit in
                unit.name.withUTF8Buffer { $0.elementsEqual(name) }
            }
            guard !digits.isEmpty, let index = found else {
                return .failure(Fault(reason: "a duration is whole numbers with y, w, d, h, m, s or ms, such as 1h30m"))
            }
            guard index >= nextUnit else {
                return .failure(Fault(reason: "units go from long to short, each once, such as 1h30m"))
            }
            nextUnit = index + 1
            var count: Int64 = 0
            for digit in digits { count = min(count * 10 + Int64(digit - UInt8(ascii: "0")), limit) }
            let (product, overflow) = count.multipliedReportingOverflow(by: units[index].milliseconds)
            guard !overflow, product <= limit, total <= limit - product else {
                return .failure(Fault(reason: "duration out of range (292 years at most)"))
            }
            total += product
        }
        return .success(total)
    }
}

extension PromQLDuration: CustomStringConvertible {
    /// The same duration as text, such as `1h30m`; `0s` for none.
    public var description: String {
        guard milliseconds != 0 else { return "0s" }
        var out = milliseconds < 0 ? "-" : ""
        var rest = milliseconds.magnitude
        for (name, size) in PromQLDuration.units where rest >= size.magnitude {
            // Weeks and years only where nothing is left over, as people count days beyond that.
            if size > 86_400_000, !rest.isMultiple(of: size.magnitude) { continue }
            out += "\(rest / size.magnitude)\(name)"
            rest %= size.magnitude
        }
        return out
    }
}
