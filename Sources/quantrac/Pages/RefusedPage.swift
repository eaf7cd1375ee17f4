import QueryAPI
import Readings

/// `quantrac refused`: messages that yielded no reading, the newest first.
struct RefusedPage: Sendable {
    var report: RefusedReport
    var texts: Texts
    var clock: LocalClock

    func table() -> Table {
        var table = Table(columns: [
            .init(title: texts(.received)), .init(title: texts(.topic), shrinks: true), .init(title: texts(.reason)),
            .init(title: texts(.convention)), .init(title: texts(.detail), shrinks: true),
            .init(title: texts(.payload), shrinks: true),
        ])
        table.rows = report.messages.map { message in
            [
                .init(InstantText.parse(message.time, clock: clock).map { clock.shortest($0) } ?? message.time),
                .init(message.topic), .init(message.reason), .init(message.convention ?? ""),
                .init(message.detail), .init(payload(of: message), message.replayable ? .plain : .faint),
            ]
        }
        return table.withoutEmptyColumns(keeping: 1)
    }

    private func payload(of message: RefusedReport.Message) -> String {
        guard let text = message.payload else { return texts(.noText(bytes: message.payloadBytes)) }
        guard message.payloadIsCut else { return text }
        return text + texts(.payloadGoesOn(bytes: NumberText.bytes(UInt64(max(0, message.payloadBytes)))))
    }

    func csv() -> [String] {
        CSV.lines(
            [
                "time", "household", "topic", "reason", "convention", "detail", "retained", "payload", "payload_base64",
                "payload_is_cut", "payload_bytes", "replayable",
            ],
            report.messages.map {
                [
                    $0.time, $0.household ?? "", $0.topic, $0.reason, $0.convention ?? "", $0.detail, "\($0.retained)",
                    $0.payload ?? "", $0.payloadBase64 ?? "", "\($0.payloadIsCut)", "\($0.payloadBytes)",
                    "\($0.replayable)",
                ]
            })
    }

    /// What a second try came to, a row for each figure.
    static func rows(_ report: ReplayReport) -> [[String]] {
        [
            ["messages", "\(report.messages)"], ["understood", "\(report.understood)"],
            ["readings", "\(report.readings)"], ["duplicates", "\(report.duplicates)"],
            ["tooOld", "\(report.tooOld)"], ["cut", "\(report.cut)"],
        ] + report.refused.sorted { $0.key < $1.key }.map { ["refused.\($0.key)", "\($0.value)"] }
    }
}
