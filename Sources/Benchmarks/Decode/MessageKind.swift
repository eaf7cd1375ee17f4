/// Messages that devices of one kind send: a topic for each device, and payloads that differ from message to message.
struct MessageKind: Sendable {
    /// In a user's words.
    let name: String
    /// How many messages a second one core has to decode; nil if there is no goal.
    var goal: Double?
    let topic: @Sendable (_ device: Int) -> String
    let payload: @Sendable (_ device: Int, _ values: inout Values) -> String
    /// What a bridge tells of its devices before they send anything.
    var announcement: (topic: String, payload: @Sendable (_ devices: Range<Int>) -> String)?

    /// Numbers as sensors write them.
    struct Values {
        private var random: SeededRandom

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
        }

        /// Between `range`'s ends, both in units of the last of `decimals`.
        mutating func decimal(_ range: ClosedRange<Int>, _ decimals: Int) -> String {
            var digits = String(whole(range))
            if decimals == 0 { return digits }
            let isNegative = digits.first == "-"
            if isNegative { digits.removeFirst() }
            let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
            return (isNegative ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
        }

        mutating func whole(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.below(range.count) }

        mutating func flag() -> Bool { whole(0...1) == 1 }

        /// Tasmota's local time, on the day of the messages.
        mutating func localTime() -> String {
            "2026-11-23T07:\(two(whole(0...59))):\(two(whole(0...59)))"
        }

        private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    }
}
