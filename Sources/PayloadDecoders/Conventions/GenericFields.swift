/// The fields of JSON whose source tells no units.
struct GenericFieldRules: FieldRules {
    /// Whether the object is ThingsBoard's record of a time and values.
    var isRecord = false
    /// What all metrics begin with.
    var root = ""

    init() {}

    init(of value: JSONValue) {
        isRecord = value[.ts] != nil && value[.values]?.isObject == true
    }

    init(under root: String) {
        self.root = root
    }

    var tree: FieldTree.Name { FieldTree.Name(rules: isRecord ? .record : .generic, root: root) }

    func isEnvelope(_ word: String, in path: [String]) -> Bool {
        isRecord && path.isEmpty && word == "values"
    }

    func unit(of metric: String, path: [String]) -> FieldUnit { .known(nil) }
}
