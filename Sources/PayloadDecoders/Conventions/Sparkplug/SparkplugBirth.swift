/// What a birth told of the metrics of an edge node or a device.
struct SparkplugBirth: Sendable {
    struct Metric: Sendable {
        /// As readings are named; nil if the metric is never one.
        var name: String?
        var datatype: UInt32
    }

    private(set) var metrics: [Metric] = []
    private var byAlias: [UInt64: Int] = [:]
    /// By the name as it was sent; of a template's member with the template's name before it.
    private var byName: [String: Int] = [:]

    /// - Parameter name: nil if it is not to be remembered.
    mutating func add(_ metric: Metric, named name: String?, alias: UInt64?) {
        if let alias { byAlias[alias] = metrics.count }
        if let name { byName[name] = metrics.count }
        metrics.append(metric)
    }

    /// A device that has died is known, but none of its metrics: they may all be others when it is born again.
    var isAlive: Bool { !metrics.isEmpty }

    func metric(alias: UInt64) -> Metric? { byAlias[alias].map { metrics[$0] } }
    func metric(named name: String) -> Metric? { byName[name].map { metrics[$0] } }
}

/// What is known of an edge node and its devices since its birth.
struct SparkplugEdge: Sendable {
    /// `bdSeq` of the birth: the will of the same connection bears it, too.
    var birthDeathSequence: UInt64?
    var lastSequence: UInt8?
    /// Of the edge node itself and of its devices, by their names as devices.
    var births: [String: SparkplugBirth] = [:]

    var metricCount: Int { births.values.reduce(0) { $0 + $1.metrics.count } }
}
