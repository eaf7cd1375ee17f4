import Readings

/// Which labels came before, and at which place. Sources hand out their series in the order of their labels: as long as these
/// ascend nothing need be looked up.
struct LabelPlaces {
    private var labels: [Labels] = []
    /// From the first ones on that did not ascend.
    private var places: [Labels: Int]?

    /// The place of the same labels before; nil if there are none: then these take the next place.
    mutating func find(_ next: Labels) -> Int? {
        if places == nil, labels.last.map({ !($0 < next) }) ?? false {
            places = Dictionary(zip(labels, labels.indices), uniquingKeysWith: { first, _ in first })
        }
        if let place = places?[next] { return place }
        places?[next] = labels.count
        labels.append(next)
        return nil
    }
}
