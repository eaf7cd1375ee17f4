/// How whole numbers become symbols of the entropy coders, at most 256 of them.
///
/// A number below 2^k is a symbol of its own; a larger one is a symbol for its bit length and the 2 (k = 4) or 1 (k = 7)
/// bits below the top one, and the rest of its bits stand beside the symbols as they are.
struct SymbolSplit: Equatable {
    /// The k.
    let direct: Int
    private let mantissa: Int

    static let fine = SymbolSplit(direct: 7, mantissa: 1)
    static let coarse = SymbolSplit(direct: 4, mantissa: 2)

    private init(direct: Int, mantissa: Int) {
        self.direct = direct
        self.mantissa = mantissa
    }

    init?(direct: Int) {
        switch direct {
        case 7: self = .fine
        case 4: self = .coarse
        default: return nil
        }
    }

    @inline(__always)
    func symbol(_ value: UInt64) -> (symbol: Int, restBits: Int) {
        guard value >> UInt64(direct) != 0 else { return (Int(value), 0) }
        let length = 64 - value.leadingZeroBitCount
        let rest = length - 1 - mantissa
        let below = Int((value >> UInt64(rest)) & ((1 << UInt64(mantissa)) - 1))
        return ((1 << direct) + ((length - direct - 1) << mantissa) + below, rest)
    }

    /// The number of rest bits, and the smallest number with this symbol; nil if no number of up to `widest` bits has it.
    func meaning(_ symbol: Int, widest: Int) -> (restBits: Int, base: UInt64)? {
        guard symbol >= 1 << direct else { return (0, UInt64(symbol)) }
        let index = symbol - (1 << direct)
        let length = (index >> mantissa) + direct + 1
        guard length <= widest else { return nil }
        let rest = length - 1 - mantissa
        let below = UInt64(index & ((1 << mantissa) - 1))
        return (rest, (1 << UInt64(length - 1)) | (below << UInt64(rest)))
    }
}
