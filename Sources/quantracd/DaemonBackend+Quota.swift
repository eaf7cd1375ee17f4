import Intake
import QueryAPI
import QueryServer
import Readings

extension DaemonBackend {
    /// So long after its last refusal a household counts as being over its quota.
    private static let presentMilliseconds: Int64 = 600_000

    func quotaOffences() -> [QuotaOffence] {
        ledger.quotaReports().map(QuotaOffence.init)
    }

    /// The households that are over their quota now, for the status: the first few by name.
    func quotaProblems(now: Timestamp) -> [StatusReport.Problem] {
        ledger.quotaReports().filter { now.milliseconds(since: $0.last) < DaemonBackend.presentMilliseconds }
            .prefix(5).map { .init(code: "household_over_quota", $0.words) }
    }

    /// Household → device → reason → readings that the quota refused of late.
    func refusalsOfDevices() -> [String: [String: [String: UInt64]]] {
        var refusals: [String: [String: [String: UInt64]]] = [:]
        for report in ledger.quotaReports() {
            for device in report.devices {
                refusals[report.household, default: [:]][device.name, default: [:]][report.reason.rawValue] =
                    device.refused
            }
        }
        return refusals
    }

    /// By household, of those that met a quota lately: they are few, however many households there are.
    var quotaMetrics: [MetricFamily] {
        [
            MetricFamily(
                "quantrac_household_over_quota_readings", .gauge,
                help: "Readings that a household's quota refused since its trouble began, by household and reason.",
                values: ledger.quotaReports().map {
                    .init(
                        Double($0.refused),
                        labels: [Label("household", $0.household), Label("reason", $0.reason.rawValue)])
                })
        ]
    }
}

extension QuotaReport {
    /// In a line, with whoever did it.
    var words: ProblemWords {
        let which =
            switch reason {
            case .series: ProblemWords("has the series of its quota", "đã có đủ số chuỗi của hạn mức")
            case .newSeries:
                ProblemWords(
                    "begins more series in an hour than its quota allows", "tạo nhiều chuỗi mỗi giờ hơn hạn mức")
            case .rate:
                ProblemWords(
                    "sends more readings a second than its quota allows", "gửi nhiều số đo mỗi giây hơn hạn mức")
            }
        func culprits(_ device: String, _ topic: String, orElse none: String) -> String {
            let names =
                devices.prefix(3).map { "\(device) '\($0.name)'" } + topics.prefix(2).map { "\(topic) '\($0.name)'" }
            return names.isEmpty ? none : names.joined(separator: ", ")
        }
        return ProblemWords(
            "household '\(household)' \(which.english): \(refused) readings refused since \(since.rfc3339), "
                + "mostly of \(culprits("device", "topic", orElse: "ever new devices and topics"))",
            "hộ '\(household)' \(which.vietnamese): \(refused) số đo bị từ chối từ \(since.rfc3339), "
                + "phần lớn của \(culprits("thiết bị", "chủ đề", orElse: "các thiết bị và chủ đề luôn mới"))")
    }
}

extension QuotaOffence {
    fileprivate init(_ report: QuotaReport) {
        func shares(_ shares: [QuotaReport.Share]) -> [Share] {
            shares.map { Share(name: $0.name, refused: $0.refused) }
        }
        self.init(
            household: report.household, reason: report.reason.rawValue, refused: report.refused,
            since: report.since.rfc3339, last: report.last.rfc3339, devices: shares(report.devices),
            topics: shares(report.topics))
    }
}
