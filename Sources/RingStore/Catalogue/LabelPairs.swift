import Glibc
import Readings

/// The distinct labels of all series, each name and each pair of name and value once, with the series that have it.
///
/// Names and values are known by their bytes, as Prometheus knows them: two spellings of a letter that Unicode calls
/// equivalent are two names. Units are kept as pairs of a name that no label has.
struct LabelPairs: Sendable {
    struct Name: Sendable {
        /// In `texts`.
        var text: UInt32 = 0
        /// The pairs with this name, the newest first, each naming the one before.
        var newestPair = LabelPairs.none
        var pairCount = 0
    }

    struct Pair: Sendable {
        var name: UInt32 = 0
        /// In `texts`.
        var value: UInt32 = 0
        var previousOfName = LabelPairs.none
        /// The series with this pair, the newest first; each one's entry names the one before.
        var newestSeries = LabelPairs.none
        var seriesCount: UInt32 = 0
    }

    static let none = UInt32.max
    /// The name of units.
    static let unit: UInt32 = 0

    private(set) var names = PagedArray(default: Name())
    private(set) var pairs = PagedArray(default: Pair())
    /// Each text as `u16 length` and UTF-8.
    private var texts = Arena<UInt8>()
    private var namesByText = NumberTable()
    private var pairsByText = NumberTable()

    init() {
        names.append(Name())
    }

    var memoryBytes: Int {
        names.memoryBytes + pairs.memoryBytes + texts.memoryBytes + namesByText.memoryBytes + pairsByText.memoryBytes
    }

    /// What memory grows by at most with `labels` new labels, texts not counted.
    func growthBytes(labels: Int) -> Int {
        namesByText.growthBytes + pairsByText.growthBytes + 2 * Arena<UInt8>.pageBytes
            + labels * (MemoryLayout<Name>.stride + MemoryLayout<Pair>.stride + 16)
    }

    /// Whether there are positions left for the texts of one more series.
    var hasRoom: Bool { texts.hasRoom(for: CataloguePage.size) }

    // MARK: Finding

    func find(name: String) -> UInt32? {
        var name = name
        return name.withUTF8 { find(name: UnsafeRawBufferPointer($0)) }
    }

    private func find(name: UnsafeRawBufferPointer) -> UInt32? {
        namesByText.find(LabelPairs.hash(0, name)) { number in
            Int(number) < names.count && isText(names[Int(number)].text, name)
        }
    }

    /// The pair of the name with this number and `value`; nil if no series ever had it.
    func find(_ name: UInt32, _ value: String) -> UInt32? {
        var value = value
        return value.withUTF8 { find(name, UnsafeRawBufferPointer($0)) }
    }

    private func find(_ name: UInt32, _ value: UnsafeRawBufferPointer) -> UInt32? {
        pairsByText.find(LabelPairs.hash(name, value)) { number in
            guard Int(number) < pairs.count else { return false }
            let pair = pairs[Int(number)]
            return pair.name == name && isText(pair.value, value)
        }
    }

    private static func hash(_ name: UInt32, _ bytes: UnsafeRawBufferPointer) -> Int {
        // Hasher has a seed of its own in each process: nobody can choose names that collide.
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(bytes: bytes)
        return hasher.finalize()
    }

    // MARK: Adding

    /// The pair of name and value, made if there is none.
    mutating func intern(_ label: Label) -> UInt32 {
        var text = label.name
        let name = text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if let known = find(name: bytes) { return known }
            let number = UInt32(names.count)
            names.append(Name(text: append(bytes)))
            let hash = LabelPairs.hash(0, bytes)
            namesByText.insert(number, hash: hash) { [names, texts] in
                LabelPairs.withText(names[Int($0)].text, in: texts) { LabelPairs.hash(0, $0) }
            }
            return number
        }
        return intern(name, label.value)
    }

    /// The pair of the name with this number and `value`, made if there is none.
    mutating func intern(_ name: UInt32, _ value: String) -> UInt32 {
        var value = value
        return value.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if let known = find(name, bytes) { return known }
            let number = UInt32(pairs.count)
            pairs.append(Pair(name: name, value: append(bytes), previousOfName: names[Int(name)].newestPair))
            names[Int(name)].newestPair = number
            names[Int(name)].pairCount += 1
            let hash = LabelPairs.hash(name, bytes)
            pairsByText.insert(number, hash: hash) { [pairs, texts] in
                let pair = pairs[Int($0)]
                return LabelPairs.withText(pair.value, in: texts) { LabelPairs.hash(pair.name, $0) }
            }
            return number
        }
    }

    /// Makes `series` the newest one with `pair`. Returns the one before.
    mutating func add(_ series: UInt32, to pair: UInt32) -> UInt32 {
        defer {
            pairs[Int(pair)].newestSeries = series
            pairs[Int(pair)].seriesCount += 1
        }
        return pairs[Int(pair)].newestSeries
    }

    private mutating func append(_ text: UnsafeRawBufferPointer) -> UInt32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 + text.count) { run in
            run[0] = UInt8(truncatingIfNeeded: text.count)
            run[1] = UInt8(truncatingIfNeeded: text.count >> 8)
            UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: run[2...])).copyMemory(from: text)
            return texts.append(UnsafeBufferPointer(run))
        }
    }

    // MARK: Reading

    private static func withText<R>(
        _ position: UInt32, in texts: Arena<UInt8>, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R {
        let length = texts.withRun(position, 2) { Int($0[0]) | Int($0[1]) << 8 }
        return texts.withRun(position, 2 + length) { text in
            body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[2...]))
        }
    }

    private func isText(_ position: UInt32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        LabelPairs.withText(position, in: texts) { LabelPairs.order($0, bytes) == 0 }
    }

    /// Hands all pairs of the name with this number to `body`, the newest first.
    func forEachPair(of name: UInt32, _ body: (UInt32) -> Void) {
        var next = names[Int(name)].newestPair
        while next != LabelPairs.none {
            body(next)
            next = pairs[Int(next)].previousOfName
        }
    }

    func withName<R>(of pair: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        LabelPairs.withText(names[Int(pairs[Int(pair)].name)].text, in: texts, body)
    }

    func withValue<R>(of pair: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        LabelPairs.withText(pairs[Int(pair)].value, in: texts, body)
    }

    func value(of pair: UInt32) -> String { withValue(of: pair) { String(decoding: $0, as: UTF8.self) } }

    func label(_ pair: UInt32) -> Label {
        Label(withName(of: pair) { String(decoding: $0, as: UTF8.self) }, value(of: pair))
    }

    /// Below 0 if the pair `a` comes before `b` by name, then value; 0 if they are the same.
    func order(_ a: UInt32, _ b: UInt32) -> Int {
        if a == b { return 0 }
        if pairs[Int(a)].name != pairs[Int(b)].name {
            return withName(of: a) { a in withName(of: b) { LabelPairs.order(a, $0) } }
        }
        return withValue(of: a) { a in withValue(of: b) { LabelPairs.order(a, $0) } }
    }

    /// By bytes, which is by Unicode scalars.
    private static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let common = min(a.count, b.count)
        if common > 0, let first = a.baseAddress, let second = b.baseAddress {
            let order = Int(memcmp(first, second, common))
            if order != 0 { return order }
        }
        return a.count - b.count
    }
}
