import ConfigurationFile
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
        if YAMLText.isNull(node) { return }
        for (name, node) in try YAMLText.members(of: node, "quota.households", file) {
            let key = "quota.households.\(name)"
            if let fault = SafeName.fault(in: name) {
                throw YAMLText.error(node, file, key, "is no household's name: \(fault)")
            }
            // What it says nothing of is as for the others.
            var quota = configuration.quota.default
            for (limit, value) in try YAMLText.members(of: node, key, file) {
                let key = "\(key).\(limit)"
                let number = YAMLText.isNull(value) ? nil : (value.scalar?.string).flatMap(number)
                if number == nil, !YAMLText.isNull(value) {
                    throw YAMLText.error(value, file, key, "must be \(what) or null")
                }
                switch limit {
                case "series": quota.series = number
                case "newSeriesPerHour": quota.newSeriesPerHour = number
                case "readingsPerSecond": quota.readingsPerSecond = number
                default:
                    throw YAMLText.error(
                        value, file, key, "unknown key; there are series, newSeriesPerHour and readingsPerSecond")
                }
            }
            configuration.quota.byHousehold[name] = quota
        }
    }
}
