import QueryAPI
import Readings

/// What the next digests would say, for people.
struct DigestsPage: Sendable {
    var digests: [DigestReport]
    var texts: Texts
    var clock: LocalClock

    func lines() -> [String] {
        digests.enumerated().flatMap { index, digest in
            let next = InstantText.parse(digest.next, clock: clock).map { clock.shortest($0) } ?? digest.next
            let head = texts(DigestText.head(channel: digest.channel, next: next))
            return (index > 0 ? [""] : []) + ([head] + text(digest)).map(PlainText.neutralised)
        }
    }

    func csv() -> [String] {
        CSV.lines(
            ["channel", "next", "since", "calm", "firing", "ended", "text"],
            digests.map {
                [
                    $0.channel, $0.next, $0.since, "\($0.calm)", "\($0.firing)", "\($0.ended)",
                    text($0).joined(separator: "\n"),
                ]
            })
    }

    private func text(_ digest: DigestReport) -> [String] {
        digest.text[texts.language.rawValue] ?? digest.text["en"] ?? []
    }
}
