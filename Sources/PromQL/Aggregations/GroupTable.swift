import Readings

/// Groups by their labels, in the order in which these came.
struct GroupTable<Group> {
    private(set) var groups: [Group] = []
    private var places: [Labels: Int] = [:]

    /// The place of the group with these labels, which `make` makes if it is new.
    mutating func place(of labels: Labels, _ make: () throws(PromQLError) -> Group) throws(PromQLError) -> Int {
        if let place = places[labels] { return place }
        groups.append(try make())
        places[labels] = groups.count - 1
        return groups.count - 1
    }

    subscript(place: Int) -> Group {
        get { groups[place] }
        _modify { yield &groups[place] }
    }
}
