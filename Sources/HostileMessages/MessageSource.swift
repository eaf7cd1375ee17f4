import PayloadDecoders
import Readings
import TestSupport

/// Draws hostile messages from a seed: those of the corpus with their holes filled, what grammars make, both of them mutated
/// and spliced, and noise. The same seed gives the same messages on every machine.
package struct MessageSource {
    private var random: SeededGenerator
    private let corpus: [CorpusMessage]
    private var names: NamePool
    private var now: Timestamp
    /// Payloads of late, to be spliced.
    private var recent: [[UInt8]] = []
    /// Whether topics have a household before them.
    private let namesHouseholds: Bool

    private static let topicsThatAreAnnounced = [
        "own/d1", "own/plug", "own/lwt", "tele/d1/SENSOR", "zigbee2mqtt/d1", "den/sensor/t/state", "d1/status/switch:0",
        "homie/5/d1/n/power", "shellies/d1/relay/0", "rtl_433/pi/events", "home/gw/BTtoMQTT/d1",
    ]

    /// - Parameter convention: whose messages alone are sent; nil for all together.
    package init(seed: UInt64, convention: String? = nil, namesHouseholds: Bool = false) {
        random = SeededGenerator(seed: seed)
        corpus = Corpus.all.filter { convention == nil || $0.convention == convention }
        names = NamePool(isEndless: random.isOne(in: 3))
        now = Timestamp(milliseconds: 1_795_420_800_000)
        self.namesHouseholds = namesHouseholds
    }

    package mutating func next() -> HostileMessage {
        let original = random.pick(corpus)
        let device = names.next(&random)
        let other = names.next(&random)
        let size = MessageSize.draw(&random, isDescription: original.isDescription)
        if size.isLarge, random.isOne(in: 2) { names.hugeBytes = size.bytes / random.pick([2, 3, 8, 300]) }
        defer { names.hugeBytes = 0 }
        var payload = body(original.body, device, other, size)
        if random.isOne(in: 40) { payload = noise() }
        // Every second message stays as devices would send it: what is never learned cannot be attacked.
        if !random.isOne(in: 2) { mutate(&payload, size) }
        if payload.count > DecoderLimits.metadataPayloadBytes + 100 {
            payload.removeSubrange((DecoderLimits.metadataPayloadBytes + 100)...)
        }
        if payload.count < 4096 {
            if recent.count < 16 { recent.append(payload) } else { recent[random.below(16)] = payload }
        }
        var topic = String(decoding: filled(original.topic, device, other), as: UTF8.self)
        if random.isOne(in: 8) { topic = TopicMutation.change(topic, &random) }
        if namesHouseholds, !random.isOne(in: 8) {
            topic = "city/\(random.isOne(in: 6) ? names.next(&random) : "h\(random.below(4))")/\(topic)"
        }
        return HostileMessage(topic: topic, payload: payload, retained: random.isOne(in: 4), receivedAt: arrival())
    }

    /// A clock that goes on, with leaps to where clocks are that were never set or set wrong.
    private mutating func arrival() -> Timestamp {
        now = now.advanced(byMilliseconds: Int64(random.below(1000)))
        if !random.isOne(in: 500) { return now }
        return Timestamp(
            milliseconds: random.pick([0, 86_400_000, 946_684_800_000, 4_102_444_800_000, 253_402_300_799_999]))
    }

    // MARK: - Payloads

    private mutating func body(
        _ body: CorpusMessage.Body, _ device: String, _ other: String, _ size: MessageSize
    ) -> [UInt8] {
        switch body {
        case .text(let template): return filled(template, device, other)
        case .bytes(let bytes): return bytes
        case .grammar(let grammar):
            var payload = draw(grammar, size)
            // Names may be long: what was to be small stays so.
            if payload.count > 16 * size.bytes { payload.removeSubrange((16 * size.bytes)...) }
            return payload
        }
    }

    private mutating func draw(_ grammar: CorpusMessage.Grammar, _ size: MessageSize) -> [UInt8] {
        // Each takes ten to a hundred bytes.
        let count = 1 + random.below(min(size.values, max(1, size.bytes / 30)))
        switch grammar {
        case .json: return json(values: count)
        case .lines: return LineGrammar.lines(&random, names: &names, now: now, count: max(1, count / 8))
        case .senMLPack: return CBORGrammar.pack(&random, records: count)
        case .sparkplugBirth: return SparkplugGrammar.birth(&random, names: &names, now: now, metrics: count)
        case .sparkplugData: return SparkplugGrammar.data(&random, names: &names, now: now, metrics: count)
        case .discovery:
            var grammar = DiscoveryGrammar(names: names, topics: MessageSource.topicsThatAreAnnounced)
            defer { names = grammar.names }
            return grammar.configuration(&random, components: random.isOne(in: 3) ? min(count, 600) : 1)
        case .homieDescription: return describe { $0.homie(&$1, properties: count) }
        case .zigbeeInventory: return describe { $0.zigbee(&$1, devices: max(1, count / 4)) }
        case .tasmotaDiscovery: return describe { $0.tasmota(&$1) }
        case .gatewayTelemetry: return describe { $0.gateway(&$1, devices: count) }
        case .nothing: return []
        }
    }

    private mutating func describe(
        _ body: (inout DescriptionGrammar, inout SeededGenerator) -> [UInt8]
    ) -> [UInt8] {
        var grammar = DescriptionGrammar(names: names)
        defer { names = grammar.names }
        return body(&grammar, &random)
    }

    private mutating func json(values: Int) -> [UInt8] {
        var grammar = JSONGrammar(names: names)
        defer { names = grammar.names }
        return grammar.text(&random, values: values)
    }

    private mutating func noise() -> [UInt8] {
        (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func mutate(_ payload: inout [UInt8], _ size: MessageSize) {
        switch random.below(8) {
        case 0: PayloadMutation.splice(&payload, with: recent.isEmpty ? [] : random.pick(recent), &random)
        case 1, 2:
            for _ in 0..<(size.isLarge ? 4 : 1) {
                let replacement = json(values: 1 + random.below(6))
                PayloadMutation.restructure(&payload, &random, size: size, replacement: replacement)
            }
        default: for _ in 0..<1 + random.below(4) { PayloadMutation.scratch(&payload, &random) }
        }
    }

    // MARK: - Holes

    private mutating func filled(_ template: String, _ device: String, _ other: String) -> [UInt8] {
        var out: [UInt8] = []
        var isHole = false
        for byte in template.utf8 {
            guard isHole else {
                if byte == UInt8(ascii: "@") { isHole = true } else { out.append(byte) }
                continue
            }
            isHole = false
            switch byte {
            case UInt8(ascii: "D"): out += Array(device.utf8)
            case UInt8(ascii: "E"): out += Array(other.utf8)
            case UInt8(ascii: "N"): out += Array(NumberGrammar.number(&random).utf8)
            case UInt8(ascii: "T"): out += Array(NumberGrammar.time(&random, now: now).utf8)
            case UInt8(ascii: "V"): out += json(values: 1 + random.below(8))
            default: out += [UInt8(ascii: "@"), byte]
            }
        }
        return out
    }
}

extension CorpusMessage {
    /// Whether the message may be as large as descriptions of all devices are.
    fileprivate var isDescription: Bool {
        switch body {
        case .grammar(.discovery), .grammar(.homieDescription), .grammar(.zigbeeInventory), .grammar(.tasmotaDiscovery),
            .grammar(.sparkplugBirth):
            true
        default: false
        }
    }
}
