import PayloadDecoders
import Readings
import Testing

@testable import PublishReadings

@Suite("A recording is replayed row by row")
struct ReplayTests {
    private static let lines = [
        "\"when\";node;T1;\"RH\";note",
        "\"2024-05-01 06:00:10Z\";a;\" 21.50\";61;calm",
        "2024-05-01 06:00:00Z;b;19.25;58.5;",
        "2024-05-01 06:01:00Z;a;2.160E+01;;windy",
        "never;a;1;2;",
    ]

    private func recording() throws -> Recording {
        var options = Recording.Options()
        options.deviceColumn = "node"
        options.names = ["T1": "temperature", "RH": "humidity"]
        return try Recording(Self.lines, name: "hall", options: options)
    }

    private func bursts(
        _ convention: any PublishReadings.Convention, speed: Double?, times: ReplayStream.Times = .recorded
    ) throws -> [Burst] {
        var stream = try ReplayStream(
            recording(), convention: convention, speed: speed, times: times, faults: FaultInjector([], seed: 1),
            hasClockFaults: false, seed: 1)
        var bursts: [Burst] = []
        while let burst = stream.next() { bursts.append(burst) }
        return bursts
    }

    @Test("rows come in the order of their times, with all that can be read")
    func rows() throws {
        let recording = try recording()
        #expect(recording.devices == ["hall-a", "hall-b"])
        #expect(recording.quantities == [.temperature, .humidity])
        #expect(recording.rows.map(\.device) == [1, 0, 0])
        #expect(recording.rows.map { $0.measurements.map(\.value) } == [[19.25, 58.5], [21.5, 61], [21.6]])
        #expect(recording.skipped == 1)
    }

    @Test("each convention can say it", arguments: Conventions.all.map(\.name))
    func conventions(name: String) throws {
        let convention = try #require(Conventions.named(name))
        var reader = Reader()
        for burst in try bursts(convention, speed: 1) {
            for publication in burst.publications {
                let decoded = reader.read(publication)
                #expect(decoded.missing(publication.meant, arrival: Reader.now) == [], "\(publication.topic)")
            }
        }
    }

    @Test("the speed divides the time between rows, and times are the recorded ones or those of now")
    func speed() throws {
        #expect(try bursts(GenericJSON(), speed: 10).map(\.due) == [0, 0, 1, 6])
        #expect(try bursts(GenericJSON(), speed: nil).map(\.due) == [0, 0, 0, 0])
        #expect(try bursts(GenericJSON(), speed: 10).last?.progress == 1)
        let recorded = try bursts(GenericJSON(), speed: 10).last?.publications.first?.meant.first?.time
        #expect(recorded == 1_714_543_260_000)
        let now = try bursts(GenericJSON(), speed: 10, times: .now(start: Reader.now)).last
        #expect(now?.publications.first?.meant.first?.time == Reader.now + 6_000)
    }

    @Test(
        "times are read as files write them",
        arguments: [
            ("1458031648545", 1_458_031_648_545), ("1458031648", 1_458_031_648_000),
            ("1458031648.25", 1_458_031_648_250), ("2018/10/08 09:21:52", 1_538_990_512_000),
            ("14/02/2016 0:10", 1_455_408_600_000), ("2016-01-11T17:30:00.5Z", 1_452_533_400_500),
        ])
    func times(text: String, milliseconds: Int64) {
        // Sets the zone.
        _ = Reader()
        #expect(WrittenTimes.milliseconds(text) == milliseconds)
    }

    @Test(
        "what is no time is none", arguments: ["", "21.5", "2016", "12:30:00", "2016-13-01 00:00", "a-b-c", "-1/2/3"])
    func noTimes(text: String) {
        #expect(WrittenTimes.milliseconds(text) == nil)
    }

    @Test("a file that can't be replayed says why")
    func refusals() throws {
        #expect(throws: ReplayError.self) { try Recording(["a,b"], name: "x", options: .init()) }
        #expect(throws: ReplayError.self) { try Recording(["a,b", "x,y"], name: "x", options: .init()) }
        #expect(throws: ReplayError.self) { try Recording(["a,b", "2024-01-01 00:00,y"], name: "x", options: .init()) }
        #expect(throws: ReplayError.self) {
            try Recording(["t,b", "2024-01-01 00:00,1"], name: "x/y", options: .init())
        }
        let unknown = try Recording(["t,b", "2024-01-01 00:00,1"], name: "x", options: .init())
        #expect(throws: ReplayError.self) {
            try ReplayStream(
                unknown, convention: Ruuvi(), speed: 1, times: .recorded, faults: FaultInjector([], seed: 1),
                hasClockFaults: false, seed: 1)
        }
    }
}
