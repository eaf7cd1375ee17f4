import Foundation
import Yams

/// Templates as the Prometheus project's compliance tests have them: `{{.name}}` stands for each value of a variable.
struct ReferenceQueries: Decodable {
    private struct Template: Decodable {
        var query: String
        var variables: [String]?

        enum CodingKeys: String, CodingKey {
            case query
            case variables = "variant_args"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case templates = "test_cases"
    }

    private let templates: [Template]

    init(yaml: String) throws {
        self = try YAMLDecoder().decode(ReferenceQueries.self, from: yaml)
    }

    private static let variables: [String: [String]] = [
        "range": ["1s", "15s", "1m", "5m", "15m", "1h"],
        "offset": ["1m", "5m", "10m"],
        "simpleAggrOp": ["sum", "avg", "max", "min", "count", "stddev", "stdvar"],
        "simpleTimeAggrOp": ["sum", "avg", "max", "min", "count", "stddev", "stdvar", "absent", "last"],
        "topBottomOp": ["topk", "bottomk"],
        "quantile": ["-0.5", "0.1", "0.5", "0.75", "0.95", "0.90", "0.99", "1", "1.5"],
        "arithBinOp": ["+", "-", "*", "/", "%", "^"],
        "compBinOp": ["==", "!=", "<", ">", "<=", ">="],
        "binOp": ["+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">="],
        "simpleMathFunc": ["abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "round"],
        "extrapolatedRateFunc": ["delta", "rate", "increase"],
        "clampFunc": ["clamp_min", "clamp_max"],
        "instantRateFunc": ["idelta", "irate"],
        "dateFunc": ["day_of_month", "day_of_week", "days_in_month", "hour", "minute", "month", "year"],
    ]

    /// Every template with every value of its variables.
    var expanded: [String] {
        templates.flatMap { template in
            (template.variables ?? []).reduce([template.query]) { queries, name in
                (ReferenceQueries.variables[name] ?? []).flatMap { value in
                    queries.map { $0.replacing("{{.\(name)}}", with: value) }
                }
            }
        }
    }

    /// For a run without the project's own.
    static let ours = """
        test_cases:
          - query: 'demo_memory_usage_bytes{type=~"free|used"} offset {{.offset}}'
            variant_args: [offset]
          - query: '{{.simpleAggrOp}} by (instance) (demo_memory_usage_bytes)'
            variant_args: [simpleAggrOp]
          - query: '{{.topBottomOp}} without (type) (1, demo_memory_usage_bytes)'
            variant_args: [topBottomOp]
          - query: 'quantile({{.quantile}}, demo_disk_usage_bytes)'
            variant_args: [quantile]
          - query: 'demo_num_cpus {{.binOp}} 5'
            variant_args: [binOp]
          - query: '{{.simpleTimeAggrOp}}_over_time(demo_intermittent_metric[{{.range}}])'
            variant_args: [simpleTimeAggrOp, range]
          - query: '{{.extrapolatedRateFunc}}(demo_cpu_usage_seconds_total[{{.range}}])'
            variant_args: [extrapolatedRateFunc, range]
          - query: '{{.instantRateFunc}}(demo_cpu_usage_seconds_total[{{.range}}])'
            variant_args: [instantRateFunc, range]
          - query: '{{.dateFunc}}(demo_batch_last_success_timestamp_seconds)'
            variant_args: [dateFunc]
          - query: '{{.simpleMathFunc}}(demo_disk_usage_bytes - 5e10)'
            variant_args: [simpleMathFunc]
        """
}
