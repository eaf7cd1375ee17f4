import Foundation

/// The operators that stand between two expressions.
enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case atan2
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// They cut buckets off native histograms, which are not kept here: between numbers they have no result.
    case trimUpper = "</"
    case trimLower = ">/"
    case and, or, unless

    init?(_ token: Token) {
        switch token.kind {
        case .plus: self = .add
        case .minus: self = .subtract
        case .times: self = .multiply
        case .divided: self = .divide
        case .modulo: self = .modulo
        case .power: self = .power
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        case .trimUpper: self = .trimUpper
        case .trimLower: self = .trimLower
        case .identifier:
            switch token.keyword {
            case .and: self = .and
            case .or: self = .or
            case .unless: self = .unless
            case .atan2: self = .atan2
            default: return nil
            }
        default: return nil
        }
    }

    /// How tightly the operator binds.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimUpper, .trimLower: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: BinaryOperator.powerPrecedence
        }
    }

    /// `^` binds tighter than a sign before its left side: −1^2 = −(1^2).
    static let powerPrecedence = 6

    var isRightAssociative: Bool { self == .power }

    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    var isSetOperator: Bool {
        switch self {
        case .and, .or, .unless: true
        default: false
        }
    }

    var isTrim: Bool { self == .trimUpper || self == .trimLower }

    /// Whether the result is a quantity of another kind, so that the metric's name would be wrong.
    var dropsName: Bool { !isComparison && !isSetOperator && !isTrim }

    /// The result of an arithmetic operator; of a comparison 1 or 0.
    func apply(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: fmod(left, right)
        case .power: pow(left, right)
        case .atan2: Foundation.atan2(left, right)
        default: holds(left, right) ? 1 : 0
        }
    }

    /// Whether a comparison is true; with NaN only `!=` is.
    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }
}
