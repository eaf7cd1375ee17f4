/// All functions by name, family by family.
enum FunctionTable {
    private static let families: [[Function]] = [
        MathFunctions.all, DateFunctions.all, RateFunctions.all, OverTimeFunctions.all, RegressionFunctions.all,
        LabelFunctions.all, OrderFunctions.all, PresenceFunctions.all, ScalarFunctions.all, HistogramFunctions.all,
        CadenceFunctions.all, AnomalyFunctions.all, UnavailableFunctions.all,
    ]

    private static let byName = Dictionary(
        families.joined().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// Names are case-sensitive, unlike keywords.
    static func find(_ name: String) -> Function? { byName[name] }
}

/// Functions of Prometheus that this engine knows and can't do.
enum UnavailableFunctions {
    private static let nativeHistograms = [
        "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar",
    ]

    static let all: [Function] =
        nativeHistograms.map { name in
            Function(
                name, [.vector],
                .unavailable(
                    "\(name)() works on native histograms only, which are not kept here; classic histograms have "
                        + "series that end in _sum and _count"))
        } + [
            Function(
                "info", [.vector, .vector], last: .optional,
                .unavailable(
                    "info() is experimental in Prometheus and not available here; join with * on (…) group_left (…)")),
            Function(
                "start_timestamp", [.vector],
                .unavailable("start_timestamp() needs start timestamps, which are not kept here")),
        ]
}
