import Foundation

/// The operators that take two numbers.
enum BinaryOperator: Sendable {
    case add, subtract, multiply, divide, modulo, power, atan2
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    init?(_ token: Token.Kind) {
        switch token {
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
        default: return nil
        }
    }

    /// How tightly the operator binds; `or` has 1 and `and`, `unless` 2 in the whole language.
    var precedence: Int {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: BinaryOperator.powerPrecedence
        }
    }

    /// `^` binds tighter than a sign before its left side: −1^2 = −(1^2).
    static let powerPrecedence = 6

    var isRightAssociative: Bool { self == .power }

    var isComparison: Bool { precedence == 3 }

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
