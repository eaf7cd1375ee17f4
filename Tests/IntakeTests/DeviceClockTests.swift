import Readings
import TestSupport
import Testing

@testable import Intake

@Suite("The clocks take whatever comes, and are no more than there is room for")
struct DeviceClockTests {
    private static func key(_ number: Int) -> DeviceTable.Key {
        DeviceTable.Key(household: "home", device: "\(number)")
    }

    private static func sighting(_ arrival: Int64, _ deviceTime: Int64, uptime: Int64? = nil) -> DeviceClock.Sighting {
        let arrival = Timestamp(milliseconds: arrival)
        let deviceTime = Timestamp(milliseconds: deviceTime)
        return DeviceClock.Sighting(
            arrival: arrival, deviceTime: deviceTime, isBelievable: deviceTime.isBelievable(receivedAt: arrival),
            uptime: uptime)
    }

    @Test func devicesThatAreHeardStayAndOthersGiveWay() {
        var table = ClockTable(limit: 10)
        let now: Int64 = 1_790_000_000_000
        var made: [Int] = []
        func judge(_ number: Int) -> DeviceClock.Verdict {
            table.judge(Self.sighting(now, now + 3_600_000), of: Self.key(number), isOld: false) {
                made.append(number)
                return DeviceClock()
            }
        }
        for number in 0..<1_000 {
            #expect(judge(number) == .shifted(by: 3_600_000))
            // One is heard all the time.
            #expect(judge(0) == .shifted(by: 3_600_000))
        }
        // In the first round nobody is known to have been silent.
        #expect(made.filter { $0 == 0 }.count <= 2)
        #expect(made.filter { $0 != 0 } == Array(1..<1_000))
        #expect(table.count == 10)
        #expect(table.offsets(of: Self.key(0)) == [3_600_000])
        #expect(table.offsets(of: Self.key(500)).isEmpty)
    }

    /// Numbers that a message, or an import of marks, could hold.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func noNumberIsTooMuch(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let now: Int64 = 1_790_000_000_000
        let edges: [Int64] = [
            0, 1, -1, .min, .max, .min + 1, .max - 1, now, -now, 1 << 50, -(1 << 50), 1 << 51, 1 << 53, 946_684_800_000,
        ]
        func number() -> Int64 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: edges.randomElement(using: &random) ?? 0
            case 1: now + Int64.random(in: -100_000_000...100_000_000, using: &random)
            case 2: Int64.random(in: 0...100_000_000, using: &random)
            default: Int64.random(in: .min ... .max, using: &random)
            }
        }
        var table = ClockTable(limit: 5)
        for _ in 0..<20_000 {
            let uptime = Bool.random(using: &random) ? number().magnitude : nil
            let seen = Self.sighting(number(), number(), uptime: uptime.flatMap { Int64(exactly: $0) })
            let verdict = table.judge(
                seen, of: Self.key(Int.random(in: 0..<8, using: &random)), isOld: Bool.random(using: &random)
            ) {
                let offset = Int64.random(in: -(1 << 50)...(1 << 50), using: &random)
                return Bool.random(using: &random)
                    ? DeviceClock() : DeviceClock(offset: offset, until: Timestamp(milliseconds: number()))
            }
            if case .shifted(let shift) = verdict { #expect(shift.magnitude <= 1 << 52, "seed \(seed)") }
        }
        #expect(table.count == 5)
    }
}
