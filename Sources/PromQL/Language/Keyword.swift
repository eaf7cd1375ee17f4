/// The words that have a meaning of their own somewhere in the language, in any mixture of small and capital letters. Most
/// are metric names elsewhere: only the parser can tell.
enum Keyword: String, CaseIterable, Sendable {
    case and, or, unless, atan2
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile, limitk
    case countValues = "count_values"
    case limitRatio = "limit_ratio"
    case offset, anchored, smoothed, by, without, on, ignoring, bool, fill
    case groupLeft = "group_left"
    case groupRight = "group_right"
    case fillLeft = "fill_left"
    case fillRight = "fill_right"
    case start, end, step, range
    case minOf = "min_of"
    case maxOf = "max_of"
    case inf, nan

    /// Whether the word can't be the name of a metric, unless it is quoted.
    var isReserved: Bool {
        switch self {
        case .bool, .on, .ignoring, .groupLeft, .groupRight, .atan2: true
        default: false
        }
    }

    /// The keyword that these bytes are; nil for every other word.
    static func find(_ word: ArraySlice<UInt8>) -> Keyword? {
        guard word.count < byLength.count else { return nil }
        for candidate in byLength[word.count] where matches(candidate.bytes, word) { return candidate.keyword }
        return nil
    }

    private static func matches(_ keyword: [UInt8], _ word: ArraySlice<UInt8>) -> Bool {
        var index = word.startIndex
        for byte in keyword {
            // Digits and underscores stay what they are; setting this bit turns capitals into small letters.
            let other = word[index]
            guard other == byte || (other | 0x20 == byte && "a"..."z" ~= byte) else { return false }
            index += 1
        }
        return true
    }

    private static let byLength: [[(bytes: [UInt8], keyword: Keyword)]] = {
        let longest = allCases.map(\.rawValue.utf8.count).max() ?? 0
        var table: [[(bytes: [UInt8], keyword: Keyword)]] = Array(repeating: [], count: longest + 1)
        for keyword in allCases { table[keyword.rawValue.utf8.count].append((Array(keyword.rawValue.utf8), keyword)) }
        return table
    }()
}
