/// Values that were used last, within a budget of bytes: what was used longest ago gives way.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Place: Sendable {
        /// Nil in place 0, and in those that are free.
        var entry: (key: Key, value: Value)?
        var bytes = 0
        /// The places that were used next before and next after this one.
        var older = 0
        var newer = 0
    }

    let budget: Int
    private(set) var used = 0
    private var numbers: [Key: Int] = [:]
    /// In the order of their last use: a list in a circle, in which place 0 stands between the newest and the oldest.
    private var places = [Place()]
    private var free: [Int] = []

    init(budget: Int) { self.budget = budget }

    mutating func find(_ key: Key) -> Value? {
        guard let number = numbers[key] else { return nil }
        unlink(number)
        link(number)
        return places[number].entry?.value
    }

    /// Keeps `value`, instead of one of the same key. Returns what gave way, so that its memory can be freed when no lock is
    /// held any more.
    mutating func keep(_ value: Value, as key: Key, bytes: Int) -> [Value] {
        var gone: [Value] = []
        if let known = numbers[key] { remove(known, to: &gone) }
        while used + bytes > budget, places[0].newer != 0 { remove(places[0].newer, to: &gone) }
        let place = Place(entry: (key, value), bytes: bytes)
        let number = free.popLast() ?? places.count
        if number == places.count { places.append(place) } else { places[number] = place }
        link(number)
        numbers[key] = number
        used += bytes
        return gone
    }

    /// Drops what has one of these keys. Returns it.
    mutating func remove(where isGone: (Key) -> Bool) -> [Value] {
        var gone: [Value] = []
        for (_, number) in numbers.filter({ isGone($0.key) }) { remove(number, to: &gone) }
        return gone
    }

    private mutating func remove(_ number: Int, to gone: inout [Value]) {
        unlink(number)
        used -= places[number].bytes
        free.append(number)
        guard let entry = places[number].entry.take() else { return }
        numbers[entry.key] = nil
        gone.append(entry.value)
    }

    private mutating func unlink(_ number: Int) {
        places[places[number].older].newer = places[number].newer
        places[places[number].newer].older = places[number].older
    }

    private mutating func link(_ number: Int) {
        let newest = places[0].older
        places[number].older = newest
        places[number].newer = 0
        places[newest].newer = number
        places[0].older = number
    }
}
