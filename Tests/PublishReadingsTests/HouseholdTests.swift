import PayloadDecoders
import Readings
import Testing

@testable import PublishReadings

@Suite("A simulated household can be repeated, and is understood as a whole")
struct HouseholdTests {
    private func stream(
        seed: UInt64, pace: HouseholdStream.Pace = .everyDevice(seconds: 5), devices: Int? = nil,
        faults: Set<Fault> = []
    ) -> HouseholdStream {
        HouseholdStream(
            Household(
                count: devices, conventions: Set(Conventions.all.map(\.name)), seed: seed,
                hasClockFaults: faults.contains(.skew)),
            pace: pace, faults: FaultInjector(faults, seed: seed), seed: seed, start: Reader.now)
    }

    /// The bursts of the first so many seconds.
    private func bursts(_ stream: HouseholdStream, seconds: Double) -> [Burst] {
        var stream = stream
        var bursts: [Burst] = []
        while let burst = stream.next(), burst.due <= seconds { bursts.append(burst) }
        return bursts
    }

    private func summary(_ bursts: [Burst]) -> [String] {
        bursts.flatMap { burst in burst.publications.map { "\(burst.due) \($0.topic) \($0.payload) \($0.retain)" } }
    }

    @Test("one home speaks every convention, and all that was meant is read")
    func home() throws {
        var reader = Reader()
        var devices: Set<String> = []
        var conventions: Set<String> = []
        for burst in bursts(stream(seed: 7), seconds: 60) {
            let time = Reader.now + Int64(burst.due * 1000)
            for publication in burst.publications {
                let decoded = reader.read(publication, at: time)
                #expect(decoded.refusal == nil, "\(publication.topic)")
                #expect(decoded.missing(publication.meant, arrival: time) == [], "\(publication.topic)")
                devices.formUnion(publication.meant.map(\.device))
                if let convention = decoded.convention { conventions.insert(convention.rawValue) }
            }
        }
        #expect(devices.count == Household.homeSize)
        // Three kinds of Homie, two of SenML, and the plain numbers with the home-made JSON, are one to the reader.
        #expect(conventions.count == Conventions.all.count - 4, "\(conventions.sorted())")
    }

    @Test("the same seed gives the same messages, another one others", arguments: [1, 2, 99] as [UInt64])
    func seeds(seed: UInt64) {
        let faults = Set(Fault.allCases)
        let first = summary(bursts(stream(seed: seed, devices: 60, faults: faults), seconds: 70))
        #expect(first == summary(bursts(stream(seed: seed, devices: 60, faults: faults), seconds: 70)))
        #expect(first != summary(bursts(stream(seed: seed + 1, devices: 60, faults: faults), seconds: 70)))
    }

    @Test("thousands of devices are as many devices to a reader")
    func thousands() {
        var devices: Set<String> = []
        for burst in bursts(stream(seed: 3, devices: 5_000), seconds: 6) {
            devices.formUnion(burst.publications.flatMap { $0.meant.map(\.device) })
        }
        #expect(devices.count == 5_000)
    }

    @Test(
        "real cadences: a plug every 10 s, LoRa every 20 min, a battery device in 5 to 15 min, a thermometer on change")
    func cadences() {
        let hour = 3_600.0
        var counts: [String: Int] = [:]
        for burst in bursts(stream(seed: 5, pace: .real), seconds: hour) {
            for device in Set(burst.publications.flatMap { $0.meant.map(\.device) }) { counts[device, default: 0] += 1 }
        }
        #expect((359...361).contains(counts["kettle"] ?? 0))
        #expect(counts["vegetable-garden"] == 3)
        #expect((4...13).contains(counts["sensors/fish-tank"] ?? 0))
        // More than its heartbeat, less than each time it looked.
        #expect((3...359).contains(counts["bedroom"] ?? 0))
        #expect((2...10).contains(counts["back door"] ?? 0))
    }

    @Test("messages are due in their order, at the rate that is asked for")
    func rate() {
        let all = bursts(stream(seed: 1, pace: .overall(messagesPerSecond: 200)), seconds: 10)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.due <= $1.due })
        let messages = all.reduce(0) { $0 + $1.publications.count }
        #expect((1_990...2_030).contains(messages), "\(messages)")
    }
}
