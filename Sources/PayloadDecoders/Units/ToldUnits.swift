/// Units that bridges and discovery have told for the fields of a device, by metric; "" for a plain payload.
struct ToldUnits: Sendable {
    /// The same for the same units, so that devices of one model share what is known of their fields; 0 if there are none.
    let number: Int
    /// By the device's own bridge.
    let exposed: [String: CanonicalUnit]
    /// By discovery.
    let discovered: [String: CanonicalUnit]

    static let none = ToldUnits(number: 0, exposed: [:], discovered: [:])

    func unit(of metric: String) -> CanonicalUnit? {
        exposed[metric] ?? discovered[metric]
    }
}

/// Gives equal units equal numbers.
struct ToldUnitsTable: Sendable {
    private struct Key: Hashable {
        var exposed: [String: CanonicalUnit]
        var discovered: [String: CanonicalUnit]
    }

    private var known: [Key: ToldUnits] = [:]
    /// Never given twice.
    private var lastNumber = 0

    mutating func units(exposed: [String: CanonicalUnit], discovered: [String: CanonicalUnit]) -> ToldUnits {
        if exposed.isEmpty, discovered.isEmpty { return .none }
        let key = Key(exposed: exposed, discovered: discovered)
        if let known = known[key] { return known }
        lastNumber += 1
        let units = ToldUnits(number: lastNumber, exposed: exposed, discovered: discovered)
        if known.count >= DecoderLimits.rememberedUnitSets { known.removeAll() }
        known[key] = units
        return units
    }
}
