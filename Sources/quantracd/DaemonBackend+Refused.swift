import Intake
import PayloadDecoders
import QueryAPI
import QueryServer
import Readings
import Registry

extension DaemonBackend {
    func refused(_ query: RefusedQuery) throws -> RefusedReport {
        let listing = try registry.refused(
            try query.filter(), limit: query.limit, payloadBytes: query.payloadBytes)
        return RefusedReport(
            kept: listing.kept, notKept: registry.status.refusedNotKept, matching: listing.matching,
            messages: listing.messages.map(RefusedReport.Message.init))
    }

    func replayRefused(_ query: RefusedQuery) async throws -> ReplayReport {
        let result = try await replay.run(try query.filter(), from: query.from)
        return ReplayReport(
            messages: result.messages, understood: result.understood, readings: result.readings,
            duplicates: result.duplicates, tooOld: result.tooOld, refused: result.refused, cut: result.cut,
            next: result.next)
    }

    /// What is wrong with the registry, for the status.
    var registryProblems: [StatusReport.Problem] {
        let status = registry.status
        return [
            status.problem.map { .init(code: "registry_not_writable", detail: $0) },
            status.damage.map { .init(code: "registry_damaged", .madeAnew(because: $0)) },
        ].compactMap { $0 }
    }

    var registryReport: StatusReport.Registry {
        let status = registry.status
        return StatusReport.Registry(
            diskShareBytes: status.share, diskUsedBytes: status.diskUsed, refusedKept: status.refusedKept,
            refusedNotKept: status.refusedNotKept, problem: status.problem, damage: status.damage)
    }

    var registryMetrics: [MetricFamily] {
        let status = registry.status
        return [
            MetricFamily(
                "quantrac_registry_disk_used_bytes", .gauge, help: "Bytes of the registry's files.",
                values: [.init(Double(status.diskUsed))]),
            MetricFamily(
                "quantrac_registry_writable", .gauge,
                help: "1 while descriptions of devices and refused messages can be kept.",
                values: [.init(status.problem == nil ? 1 : 0)]),
            MetricFamily(
                "quantrac_refused_kept", .gauge, help: "Refused messages that are kept for a second try.",
                values: [.init(Double(status.refusedKept))]),
            MetricFamily(
                "quantrac_refused_not_kept_total", .counter, help: "Refused messages that found no room to be kept.",
                values: [.init(Double(status.refusedNotKept))]),
        ]
    }
}

extension RefusedQuery {
    fileprivate func filter() throws -> RefusedFilter {
        guard let topic else { return RefusedFilter(reason: reason) }
        guard let filter = TopicFilter(topic) else {
            throw RefusedQueryFault(
                "'\(topic)' is no topic filter: + stands for one whole level, # for the rest at the end")
        }
        return RefusedFilter(reason: reason, topic: filter)
    }
}

extension RefusedReport.Message {
    fileprivate init(_ kept: KeptMessage) {
        let message = kept.message
        self.init(
            id: kept.id, time: message.arrival.rfc3339, household: message.household, topic: message.topic,
            reason: message.kind.reason, detail: message.detail, convention: message.kind.convention?.rawValue,
            retained: message.retained, payload: message.payload,
            isCutOff: kept.message.payload.count < message.payloadBytes, payloadBytes: message.payloadBytes,
            replayable: message.isWhole)
    }
}
