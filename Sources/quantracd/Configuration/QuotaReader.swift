import Intake
import PayloadDecoders
import Yams

/// Reads `quota.households`: the quotas of households that differ from the others'.
struct QuotaReader {
    static let what = "a whole number from 0 to 1000000000"

    @Sendable static func number(_ text: String) -> Int? {
        Int(text).flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
    }

    static func read(
        _ node: Node, file: String, into configuration: inout Configuration
    ) throws(ConfigurationError) {
        if ConfigurationReader.isNull(node) { return }
        for (name, node) in try members(of: node, "quota.households", file) {
            let key = "quota.households.\(name)"
            if let fault = SafeName.fault(in: name) {
                throw error(node, file, key, "is no household's name: \(fault)")
            }
            // What it says nothing of is as for the others.
            var quota = configuration.quota.default
            for (limit, value) in try members(of: node, key, file) {
                let key = "\(key).\(limit)"
                let number = ConfigurationReader.isNull(value) ? nil : (value.scalar?.string).flatMap(number)
                if number == nil, !ConfigurationReader.isNull(value) {
                    throw error(value, file, key, "must be \(what) or null")
                }
                switch limit {
                case "series": quota.series = number
                case "newSeriesPerHour": quota.newSeriesPerHour = number
                case "readingsPerSecond": quota.readingsPerSecond = number
                default:
                    throw error(
                        value, file, key, "unknown key; there are series, newSeriesPerHour and readingsPerSecond")
                }
            }
            configuration.quota.byHousehold[name] = quota
        }
    }

    private static func members(
        of node: Node, _ key: String, _ file: String
    ) throws(ConfigurationError) -> [(String, Node)] {
        guard let mapping = node.mapping else { throw error(node, file, key, "must be a group of keys") }
        var members: [(String, Node)] = []
        for (name, value) in mapping {
            guard let name = name.scalar?.string else { throw error(node, file, key, "has a key that is no text") }
            members.append((name, value))
        }
        return members
    }

    private static func error(_ node: Node, _ file: String, _ key: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(place: ConfigurationReader.place(node, file), key: key, problem: problem)
    }
}
