import PayloadDecoders
import Readings
import Testing

@testable import PublishReadings

@Suite("Faults spoil what arrives as those of real devices do")
struct FaultTests {
    private static let seed: UInt64 = 11

    private func publications(_ faults: Set<Fault>, devices: Int = 52, seconds: Double = 130) -> [(Double, Publication)]
    {
        var stream = HouseholdStream(
            Household(
                count: devices, conventions: Set(Conventions.all.map(\.name)), seed: Self.seed,
                hasClockFaults: faults.contains(.skew)),
            pace: .everyDevice(seconds: 5), faults: FaultInjector(faults, seed: Self.seed), seed: Self.seed,
            start: Reader.now)
        var all: [(Double, Publication)] = []
        while let burst = stream.next(), burst.due <= seconds {
            all += burst.publications.map { (burst.due, $0) }
        }
        return all
    }

    @Test("a reader of garbage gets nothing that was not meant, and goes on")
    func garbage() {
        var reader = Reader()
        var broken = 0
        for (due, publication) in publications([.garbage]) {
            let time = Reader.now + Int64(due * 1000)
            let decoded = reader.read(publication, at: time)
            #expect(decoded.missing(publication.meant, arrival: time) == [], "\(publication.topic)")
            if decoded.refusal != nil {
                broken += 1
                #expect(publication.meant.isEmpty)
            }
        }
        #expect(broken > 20)
    }

    @Test("duplicates are the same message twice in a row")
    func duplicates() {
        let all = publications([.duplicates]).map(\.1)
        let doubled = zip(all, all.dropFirst()).count { $0.topic == $1.topic && $0.payload == $1.payload }
        let clean = publications([]).map(\.1)
        #expect(all.count > clean.count && doubled >= all.count - clean.count)
    }

    @Test("skewed clocks write 1970, other hours or drift; what is meant is the truth")
    func skew() {
        var reader = Reader()
        var offsets: Set<String> = []
        for (due, publication) in publications([.skew]) {
            let arrival = Reader.now + Int64(due * 1000)
            let read = reader.read(publication, at: arrival).readings
            for meant in publication.meant {
                guard let truth = meant.time else { continue }
                #expect((arrival - truth).magnitude <= 1_000)
                guard let reading = read.first(where: { $0.metric == meant.metric }) else { continue }
                if !reading.timeIsDevices { offsets.insert("1970") }
                let offset = Double(reading.time.milliseconds - truth) / 1000
                switch offset.magnitude {
                case 20_000...: offsets.insert("hours behind")
                case 7_000...: offsets.insert("hours ahead")
                case 1.5...: offsets.insert("drifting")
                default: break
                }
            }
        }
        #expect(offsets == ["1970", "hours behind", "hours ahead", "drifting"])
    }

    @Test("late bursts lose nothing and keep their true times")
    func late() {
        var times: Set<String> = []
        var latest = 0.0
        for (due, publication) in publications([.late], seconds: 600) {
            for meant in publication.meant {
                guard let time = meant.time else { continue }
                latest = max(latest, due - Double(time - Reader.now) / 1000)
                times.insert("\(meant.device) \(meant.metric) \(time)")
            }
        }
        #expect(latest > 10)
        let onTime = publications([], seconds: 560).flatMap { _, publication in
            publication.meant.compactMap { meant in meant.time.map { "\(meant.device) \(meant.metric) \($0)" } }
        }
        #expect(times.isSuperset(of: onTime))
    }

    @Test("a flood sends announcements and last states again, retained")
    func flood() {
        let all = publications([.flood])
        let instants = Dictionary(grouping: all) { $0.0 }
        let flood = instants.values.max { $0.count < $1.count } ?? []
        #expect(flood.count > 100 && flood.dropFirst(20).allSatisfy(\.1.retain))
        #expect(all.count { $0.1.retain } > publications([]).count { $0.1.retain } + 100)
    }
}
