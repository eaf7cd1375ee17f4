import Readings
import RingStore

/// Sizes with which a ring turns after a few kilobytes.
extension StoreOptions {
    package static func tiny(segments: UInt32 = 64) -> StoreOptions {
        var options = StoreOptions(diskBudget: 4 << 20, memoryBudget: 8 << 20, identityWindow: 32)
        options.geometry = StoreGeometry(
            segmentBytes: 4 << 10, segmentCount: segments, logBytes: 128 << 10, catalogueBytes: 16 << 10)
        options.sealingWorker = { SteppedWorker(isImmediate: true) }
        return options
    }
}

/// One sample of a generated message, its series by its labels.
package struct PlannedSample: Hashable, Sendable {
    package var labels: Labels
    package var value: Double
}

package struct PlannedMessage: Sendable {
    package var identity: MessageIdentity?
    package var rows: [(time: Int64, samples: [PlannedSample])]
}

/// Messages of a few devices, made from a seed: in order and late, alone and together, repeated, corrected, with plain
/// and with strange values.
package struct Workload: Sendable {
    private var random: SplitMix64
    private let devices: Int
    private var now: Int64 = 1_700_000_000_000
    private var values: [Labels: Double] = [:]
    private var sent: [PlannedMessage] = []

    package init(seed: UInt64, devices: Int = 4) {
        random = SplitMix64(seed: seed)
        self.devices = devices
    }

    package static func labels(device: Int, metric: Int) -> Labels {
        ["__name__": "metric_\(metric)", "device": "device/\(device)", "household": "home"]
    }

    package mutating func batch(messages: Int) -> [PlannedMessage] {
        (0..<messages).map { _ in message() }
    }

    private mutating func message() -> PlannedMessage {
        now += Int64(random.next() % 20_000)
        let kind = random.next() % 100
        if kind < 8, let old = sent.randomElement(using: &random) { return old }
        let device = Int(random.next() % UInt64(devices))
        var time = now
        if kind < 16 { time -= Int64(random.next() % 3_000_000) }
        var metrics = 1 + device
        if kind > 90 { metrics = 1 + Int(random.next() % UInt64(metrics)) }
        var samples: [PlannedSample] = []
        for metric in 0..<metrics {
            samples.append(
                PlannedSample(labels: Workload.labels(device: device, metric: metric), value: value(device, metric)))
        }
        if kind > 95 { samples.shuffle(using: &random) }
        var message = PlannedMessage(identity: nil, rows: [(time, samples)])
        if kind % 3 == 0 { message.identity = MessageIdentity(random.next()) }
        if kind == 20 { message.rows = [] }
        if kind == 21 { message.rows.append((time - 1000, samples)) }
        // The same instant with another value: the later arrival wins.
        if kind >= 22, kind < 26, let old = sent.randomElement(using: &random), let row = old.rows.first {
            message.rows = [(row.time, row.samples.map { PlannedSample(labels: $0.labels, value: $0.value + 1) })]
        }
        sent.append(message)
        if sent.count > 50 { sent.removeFirst() }
        return message
    }

    private mutating func value(_ device: Int, _ metric: Int) -> Double {
        let labels = Workload.labels(device: device, metric: metric)
        switch random.next() % 40 {
        case 0: return Double(bitPattern: random.next())
        case 1: return -0.0
        case 2: return .nan
        default:
            let next = (values[labels] ?? 20) + Double(Int(random.next() % 11) - 5) / 10
            values[labels] = next
            return metric % 2 == 0 ? (next * 10).rounded() / 10 : next
        }
    }
}

/// A plain dictionary: what must be there, and what may be.
package struct Judge: Sendable {
    /// By series, then time: the bits of the value that was acknowledged last.
    package private(set) var acknowledged: [Labels: [Int64: UInt64]] = [:]
    /// Values that were handed over, but never acknowledged.
    private var possible: [Labels: [Int64: Set<UInt64>]] = [:]
    private var identities: [MessageIdentity] = []
    /// When a sample was acknowledged with the value that it has: the number of the acknowledgement.
    private var arrivals: [Labels: [Int64: Int]] = [:]
    package private(set) var acknowledgements = 0

    package init() {}

    package mutating func hand(_ messages: [PlannedMessage]) {
        for message in messages {
            for row in message.rows {
                for sample in row.samples {
                    possible[sample.labels, default: [:]][row.time, default: []].insert(sample.value.bitPattern)
                }
            }
        }
    }

    package mutating func acknowledge(_ messages: [PlannedMessage], tooOld: (Labels, Int64) -> Bool = { _, _ in false })
    {
        for message in messages {
            for row in message.rows {
                for sample in row.samples where !tooOld(sample.labels, row.time) {
                    let bits = sample.value.bitPattern
                    possible[sample.labels]?[row.time] = []
                    // A duplicate stays where it was stored first, and goes with that.
                    guard acknowledged[sample.labels]?[row.time] != bits else { continue }
                    acknowledged[sample.labels, default: [:]][row.time] = bits
                    arrivals[sample.labels, default: [:]][row.time] = acknowledgements
                }
            }
            if let identity = message.identity { identities.append(identity) }
        }
        acknowledgements += 1
    }

    /// Whether the sample was acknowledged longer ago than the last `count` acknowledgements.
    package func isOlder(_ labels: Labels, _ time: Int64, than count: Int) -> Bool {
        (arrivals[labels]?[time] ?? 0) < acknowledgements - count
    }

    /// What is wrong with the store; empty if nothing is. `mayMiss` says what may have been evicted.
    package func complaints(
        _ store: RingStore, _ writer: StoreWriter?, mayMiss: (Labels, Int64) -> Bool = { _, _ in false }
    ) throws -> [String] {
        var complaints: [String] = []
        let snapshot = store.snapshot()
        var seen: Set<Labels> = []
        for ref in snapshot.series(matching: []) {
            guard let labels = snapshot.descriptor(of: ref)?.labels else { continue }
            if !seen.insert(labels).inserted { complaints.append("\(labels) twice") }
            let samples = try samples(snapshot, ref)
            complaints += check(labels, samples, mayMiss)
            if samples.last?.time != snapshot.lastSample(of: ref)?.time
                || samples.last?.value.bitPattern != snapshot.lastSample(of: ref)?.value.bitPattern
            {
                complaints.append(
                    "\(labels): last is \(snapshot.lastSample(of: ref) as Any), scan ends at \(samples.last as Any)")
            }
        }
        for (labels, samples) in acknowledged where !seen.contains(labels) && !samples.isEmpty {
            complaints.append("\(labels) is missing with \(samples.count) samples")
        }
        if let writer {
            let kept = Set(writer.recentIdentities)
            for identity in identities.suffix(writer.options.identityWindow / 4) where !kept.contains(identity) {
                complaints.append("identity \(identity) is missing")
            }
        }
        return complaints
    }

    private func check(_ labels: Labels, _ samples: [Sample], _ mayMiss: (Labels, Int64) -> Bool) -> [String] {
        var complaints: [String] = []
        let expected = acknowledged[labels] ?? [:]
        var found: Set<Int64> = []
        var before = Int64.min
        for sample in samples {
            let time = sample.time.milliseconds
            if time <= before { complaints.append("\(labels): \(time) after \(before)") }
            before = time
            found.insert(time)
            let bits = sample.value.bitPattern
            if expected[time] != bits, possible[labels]?[time]?.contains(bits) != true {
                complaints.append(
                    "\(labels) at \(time): \(sample.value), expected \(expected[time].map(Double.init(bitPattern:)) as Any)"
                )
            }
        }
        for time in expected.keys where !found.contains(time) && !mayMiss(labels, time) {
            complaints.append("\(labels) at \(time) is missing")
        }
        return complaints
    }

    private func samples(_ snapshot: StoreSnapshot, _ ref: SeriesRef) throws -> [Sample] {
        var samples: [Sample] = []
        try snapshot.scan(ref, in: .all) { run in
            for index in run.indices { samples.append(run[index]) }
            return true
        }
        return samples
    }
}

extension ClosedRange<Timestamp> {
    package static var all: ClosedRange<Timestamp> { Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max) }
}

extension StoreSnapshot {
    package func samples(_ ref: SeriesRef, _ range: ClosedRange<Timestamp> = .all) throws -> [Sample] {
        var samples: [Sample] = []
        try scan(ref, in: range) { run in
            for index in run.indices { samples.append(run[index]) }
            return true
        }
        return samples
    }
}

extension StoreWriter {
    /// Registers what the messages name and makes a batch of them.
    package func batch(_ messages: [PlannedMessage]) -> Batch {
        var batch = Batch()
        for message in messages {
            batch.beginMessage(identity: message.identity)
            for row in message.rows {
                batch.beginRow(at: Timestamp(milliseconds: row.time))
                for sample in row.samples {
                    if case .series(let ref) = register(SeriesDescriptor(labels: sample.labels, unit: nil)) {
                        batch.add(ref, sample.value)
                    }
                }
            }
        }
        return batch
    }
}
