/// The part of a data set that a figure is told from. The detector's form and its few numbers were chosen by the tuning half alone.
enum Part: CaseIterable {
    case tuning, heldOut, whole

    var words: String {
        switch self {
        case .tuning: "tuning half"
        case .heldOut: "held-out half"
        case .whole: "whole"
        }
    }

    func contains(isHeldOut: Bool) -> Bool { self == .whole || (self == .heldOut) == isHeldOut }
}
