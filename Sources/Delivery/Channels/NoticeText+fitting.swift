import Alerting

/// A message in words where a service takes no longer ones.
extension NoticeText {
    /// The lines where there is room for `most` units of `size`. If that is too little, all alerts are named before anything more is
    /// said of one, and what is short goes before what is long; of a digest the first lines are there. A word says that there is more.
    func lines(fitting most: Int, _ language: AlertNotice.Language, size: (String) -> Int) -> [String] {
        guard lines.reduce(0, { $0 + size($1) + 1 }) > most else { return lines }
        // For the last word.
        let room = most - 80
        let shown = linesOfAlerts.isEmpty ? firstLines(within: room, size) : linesOfAllAlerts(within: room, size)
        let left = lines.count - shown.count
        guard left > 0 else { return shown }
        return shown + [language == .english ? "… and \(left) more lines" : "… và \(left) dòng nữa"]
    }

    private func firstLines(within room: Int, _ size: (String) -> Int) -> [String] {
        var room = room
        return Array(
            lines.prefix {
                room -= size($0) + 1
                return room >= 0
            })
    }

    private func linesOfAllAlerts(within room: Int, _ size: (String) -> Int) -> [String] {
        var headlines = linesOfAlerts.compactMap(\.first)
        if headlines.reduce(0, { $0 + size($1) + 1 }) > room {
            headlines = headlines.map { NoticeText.cut($0, to: room / headlines.count - 1, size) }
        }
        var room = headlines.reduce(room) { $0 - size($1) - 1 }
        /// By alert, the numbers of the lines behind its headline for which there is room.
        var kept: [Int: Set<Int>] = [:]
        let details = linesOfAlerts.enumerated().flatMap { alert, lines in
            lines.indices.dropFirst().map { (alert: alert, line: $0, size: size(lines[$0]) + 1) }
        }
        for detail in details.sorted(by: { $0.size < $1.size }) {
            room -= detail.size
            guard room >= 0 else { break }
            kept[detail.alert, default: []].insert(detail.line)
        }
        return zip(headlines, linesOfAlerts.enumerated()).flatMap { headline, alert in
            [headline]
                + alert.element.indices.filter { kept[alert.offset]?.contains($0) == true }.map { alert.element[$0] }
        }
    }

    private static func cut(_ line: String, to most: Int, _ size: (String) -> Int) -> String {
        guard size(line) > most else { return line }
        var kept = line[...]
        while !kept.isEmpty, size(kept + "…") > most { kept.removeLast() }
        return kept + "…"
    }
}
