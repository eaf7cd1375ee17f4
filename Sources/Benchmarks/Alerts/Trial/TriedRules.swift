import Foundation

/// Rules that a trial is measured with.
struct TriedRules {
    let name: String
    let text: String

    private init(_ name: String, _ rules: String, interval: String? = nil) {
        self.name = name
        text = "groups:\n- name: tried\n" + (interval.map { "  interval: \($0)\n" } ?? "") + "  rules:\n" + rules
    }

    private init(file: String) throws {
        name = "config/rules.d/" + URL(fileURLWithPath: file).lastPathComponent
        text = try String(contentsOfFile: file, encoding: .utf8)
    }

    private static let threshold = "  - {alert: Warm, expr: temperature > -15}\n"
    private static let held = "  - {alert: HeldWarm, expr: temperature > -15, for: 10m}\n"
    private static let mean = "  - {alert: MeanWarm, expr: 'avg_over_time(temperature[1h]) > -16'}\n"
    private static let sensor =
        "  - {alert: StoreWarm, sensor: {quantity: temperature, device: '(?i).*kho.*', above: -15, clear: -18}}\n"
    private static let long = "  - {alert: Long, expr: 'avg_over_time(temperature[14d]) > -18.5', for: 5m}\n"
    private static let score = "  - {alert: Odd, expr: 'anomaly_score(temperature[14d]) > 2.6', for: 5m}\n"

    /// Those of a rule or a few, evaluated every 15 s where nothing else is said.
    static let typical = [
        TriedRules("a limit", threshold), TriedRules("a limit with for", held),
        TriedRules("an hour's mean", mean), TriedRules("these three", threshold + held + mean),
        TriedRules("sensor: above and clear", sensor),
        TriedRules("a fortnight's mean", long), TriedRules("anomaly_score each 5 min", score, interval: "5m"),
    ]

    /// The files of `directory`; none if it is not there.
    static func files(in directory: String) throws -> [TriedRules] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { try TriedRules(file: directory + "/" + $0) }
    }
}
