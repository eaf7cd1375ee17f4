/// The fields of a SenML record (RFC 8428 §4, §6), by their names in JSON.
enum SenMLLabel: String {
    case baseName = "bn"
    case baseTime = "bt"
    case baseUnit = "bu"
    case baseValue = "bv"
    case baseSum = "bs"
    case version = "bver"
    case name = "n"
    case unit = "u"
    case value = "v"
    case text = "vs"
    case flag = "vb"
    case data = "vd"
    case sum = "s"
    case time = "t"
    case updateTime = "ut"

    /// By its number in CBOR.
    init?(number: Int64) {
        switch number {
        case -6: self = .baseSum
        case -5: self = .baseValue
        case -4: self = .baseUnit
        case -3: self = .baseTime
        case -2: self = .baseName
        case -1: self = .version
        case 0: self = .name
        case 1: self = .unit
        case 2: self = .value
        case 3: self = .text
        case 4: self = .flag
        case 5: self = .sum
        case 6: self = .time
        case 7: self = .updateTime
        case 8: self = .data
        default: return nil
        }
    }
}
