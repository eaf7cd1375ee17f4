import Readings

/// Everything that is known of the fields of JSON under a convention: what they are called, whether they count, and their
/// units. A field that was met before costs one look at its number and its parent's, and makes no text.
///
/// Bounded by `DecoderLimits.rememberedFields`: when it is full, new fields are worked out each time, until the registry empties
/// it between two messages.
struct FieldTree: Sendable {
    /// Whose fields have the same meaning.
    struct Name: Hashable, Sendable {
        /// By which rules.
        enum Rules: UInt8, Sendable {
            case generic, record, tasmota, tasmotaZigbee, tasmotaLoRa, theThingsStack, theengs, shellyGen1, shellyGen2
            case shellyGen2Component, zigbee2MQTT
        }

        var rules: Rules
        /// `ToldUnits.number`.
        var units = 0
        /// What all metrics begin with.
        var root = ""
    }

    enum Use: UInt8, Sendable {
        case field
        /// A field, or an object whose members stand for it.
        case envelope
        case skipped
    }

    struct Node: Sendable {
        let parent: Int
        /// The key's number in `FieldKeyTable`; an array's element has −1 − its index.
        let key: Int
        let use: Use
        /// Empty for an array's element, which is no step of a path.
        let word: String
        let name: String
        let unit: FieldUnit
        /// In the unit that the convention tells.
        let field: ReadingField
        /// Whether it is in the table, so that it is found again.
        let isRemembered: Bool
        /// Its first field, and the field behind it, of the message before.
        var firstChild = 0
        var sibling = 0
    }

    private struct Place: Hashable {
        var parent: Int
        var key: Int
    }

    private var nodes: [Node] = []
    private var children: [Place: Int] = [:]
    private var roots: [Name: Int] = [:]

    var isFull: Bool { nodes.count >= DecoderLimits.rememberedFields }

    mutating func removeAll() {
        nodes.removeAll()
        children.removeAll()
        roots.removeAll()
    }

    func use(of node: Int) -> Use { nodes[node].use }

    func unit(of node: Int) -> FieldUnit { nodes[node].unit }

    /// The field of the node's readings in `unit`.
    func field(of node: Int, in unit: CanonicalUnit?) -> ReadingField {
        let field = nodes[node].field
        if field.unit == unit?.name, field.originalUnit == unit?.original { return field }
        return ReadingField(metric: field.metric, unit: unit?.name, originalUnit: unit?.original)
    }

    /// The tree's root. A root that finds no room is forgotten with `forget`.
    mutating func root(_ name: Name) -> Int {
        if let known = roots[name] { return known }
        let node = Node(
            parent: -1, key: 0, use: .field, word: "", name: name.root, unit: .known(nil),
            field: ReadingField(metric: SnakeCase.metric(name.root), unit: nil), isRemembered: !isFull)
        nodes.append(node)
        if node.isRemembered { roots[name] = nodes.count - 1 }
        return nodes.count - 1
    }

    /// The field that stands for `key` inside `parent`; nil if it has not been met.
    ///
    /// - Parameter previous: the field before it, by which it is guessed; `parent` if it is the first.
    mutating func known(_ key: Int, in parent: Int, after previous: Int) -> Int? {
        let guess = previous == parent ? nodes[parent].firstChild : nodes[previous].sibling
        if nodes[guess].key == key, nodes[guess].parent == parent { return guess }
        guard let found = children[Place(parent: parent, key: key)] else { return nil }
        note(found, in: parent, after: previous)
        return found
    }

    /// Adds the field for `key` inside `parent`. One that finds no room must be taken away again with `forget`.
    mutating func add(_ key: Int, _ field: FieldKey, in parent: Int, by rules: some FieldRules) -> Int {
        let path = self.path(to: parent)
        let isLeftOut = field.role != .field || rules.leavesOut(field.word, in: path)
        let isEnvelope = !isLeftOut && rules.isEnvelope(field.word, in: path)
        return add(
            key, named: field.word, word: field.word, use: isLeftOut ? .skipped : isEnvelope ? .envelope : .field,
            in: parent, path: path + [field.word], by: rules)
    }

    /// Adds the field for the element at `index` of the array `parent`.
    mutating func add(element index: Int, in parent: Int, by rules: some FieldRules) -> Int {
        add(
            FieldTree.key(ofElement: index), named: String(index), word: "", use: .field, in: parent,
            path: path(to: parent), by: rules)
    }

    static func key(ofElement index: Int) -> Int { -1 - index }

    private mutating func add(
        _ key: Int, named own: String, word: String, use: Use, in parent: Int, path: [String], by rules: some FieldRules
    ) -> Int {
        let around = nodes[parent].name
        let name = use == .skipped ? "" : around.isEmpty ? own : around + "_" + own
        // Whatever is below has a longer name still.
        let isTooLong = SnakeCase.metric(name).utf8.count > DecoderLimits.nameBytes
        let metric = isTooLong ? "" : SnakeCase.metric(name)
        let unit = use == .skipped ? .known(nil) : rules.unit(of: metric, path: path)
        let isRemembered = nodes[parent].isRemembered && !isFull && key != FieldKeyTable.unknown
        nodes.append(
            Node(
                parent: parent, key: key, use: isTooLong ? .skipped : use, word: word, name: isTooLong ? "" : name,
                unit: unit,
                field: ReadingField(
                    metric: metric, unit: unit.unit(of: 0)?.name, originalUnit: unit.unit(of: 0)?.original),
                isRemembered: isRemembered))
        if isRemembered { children[Place(parent: parent, key: key)] = nodes.count - 1 }
        return nodes.count - 1
    }

    /// Takes a field away that found no room, with all that are below it.
    ///
    /// - Returns: whether it had found none.
    @discardableResult
    mutating func forget(_ node: Int) -> Bool {
        if nodes[node].isRemembered { return false }
        nodes.removeSubrange(node...)
        return true
    }

    private mutating func note(_ node: Int, in parent: Int, after previous: Int) {
        if previous == parent { nodes[parent].firstChild = node } else { nodes[previous].sibling = node }
    }

    private func path(to node: Int) -> [String] {
        var path: [String] = []
        var node = node
        while node >= 0 {
            if !nodes[node].word.isEmpty { path.append(nodes[node].word) }
            node = nodes[node].parent
        }
        return path.reversed()
    }
}
