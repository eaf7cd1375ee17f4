/// The fields of JSON whose source tells no units.
struct GenericFieldRules: FieldRules {
    /// Whether the object is ThingsBoard's record of a time and values.
    var isRecord = false

    init() {}

    init(of value: JSONValue) {
        isRecord = value["ts"] != nil && value["values"]?.isObject == true
    }

    func isEnvelope(_ word: String, in path: [String]) -> Bool {
        isRecord && path.isEmpty && word == "values"
    }

    func unit(of metric: String, path: [String], value: Double) -> CanonicalUnit? { nil }
}
