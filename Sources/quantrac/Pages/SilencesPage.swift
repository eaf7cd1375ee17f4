import QueryAPI
import Readings

/// `quantrac alerts silences`: what people do not want to hear of.
struct SilencesPage: Sendable {
    var silences: [SilenceReport]
    var texts: Texts
    var clock: LocalClock

    func table() -> Table {
        var table = Table(columns: [
            .init(title: "ID", isNumber: true), .init(title: texts(.state)), .init(title: texts(MuteText.kind)),
            .init(title: texts(.household)), .init(title: texts(MuteText.conditions), shrinks: true),
            .init(title: texts(MuteText.starts)), .init(title: texts(MuteText.ends)), .init(title: texts(MuteText.by)),
            .init(title: texts(MuteText.comment), shrinks: true),
        ])
        table.rows = silences.map { one in
            [
                .init("\(one.id)"),
                .init(texts(MuteText.stateName(one.state)), one.state == "active" ? .plain : .faint),
                .init(texts(MuteText.kindName(one.kind))), .init(one.household ?? ""),
                .init(SilencesPage.conditions(one)),
                .init(time(one.starts)), .init(one.ends.map(time) ?? texts(MuteText.untilItEnds)), .init(one.author),
                .init(one.comment),
            ]
        }
        return table.withoutEmptyColumns(keeping: 1)
    }

    /// What was made, a line for each.
    func made() -> [String] {
        silences.map { one in
            PlainText.neutralised(
                texts(
                    MuteText.made(
                        kind: one.kind, id: "\(one.id)", what: SilencesPage.conditions(one), until: one.ends.map(time)))
            )
        }
    }

    func csv() -> [String] {
        CSV.lines(
            ["id", "state", "kind", "household", "matchers", "alert", "starts", "ends", "author", "comment"],
            silences.map {
                [
                    "\($0.id)", $0.state, $0.kind, $0.household ?? "", $0.matchers.joined(separator: ", "),
                    $0.alert ?? "", $0.starts, $0.ends ?? "", $0.author, $0.comment,
                ]
            })
    }

    static func conditions(_ silence: SilenceReport) -> String {
        silence.matchers.joined(separator: ", ") + (silence.alert.map { " (\($0))" } ?? "")
    }

    private func time(_ text: String) -> String {
        InstantText.parse(text, clock: clock).map { clock.shortest($0) } ?? text
    }
}
