import TestSupport
import Testing

@testable import MQTTSubscriber

@Suite("When to sync, and when to try again")
struct PolicyTests {
    @Test func theGateOpensWhenFullOrWhenTheFirstHasWaited() {
        let start = ContinuousClock.now
        var gate = BatchGate(messageLimit: 3, byteLimit: 100, window: .milliseconds(10))
        #expect(!gate.isDue(now: start))
        #expect(gate.remaining(now: start) == nil)
        gate.note(bytes: 1)
        gate.start(now: start)
        #expect(!gate.isDue(now: start))
        #expect(gate.remaining(now: start + .milliseconds(4)) == .milliseconds(6))
        gate.note(bytes: 1)
        gate.start(now: start + .milliseconds(8))
        #expect(!gate.isDue(now: start + .milliseconds(9)))
        #expect(gate.isDue(now: start + .milliseconds(10)))
        #expect(gate.remaining(now: start + .milliseconds(15)) == .zero)
        gate.note(bytes: 1)
        #expect(gate.isDue(now: start))
        gate.reset(window: .milliseconds(5), now: start)
        #expect(!gate.isDue(now: start + .seconds(1)))
    }

    /// A broker that sends twenty messages and waits must not have to wait for a long window each time.
    @Test func aMaximumOfTheBrokersOwnIsFound() {
        var gate = BatchGate(messageLimit: 1000, byteLimit: 1 << 20, window: .seconds(10))
        let start = ContinuousClock.now
        for _ in 0..<20 { gate.note(bytes: 1) }
        gate.start(now: start)
        #expect(gate.isDue(now: start + .seconds(10)))
        gate.reset(window: .seconds(10), now: start + .seconds(10))
        for _ in 0..<12 { gate.note(bytes: 1) }
        gate.start(now: start + .seconds(10) + .milliseconds(3))
        #expect(gate.isFull && gate.messageLimit == 10)
    }

    /// A device that happens to speak right after an acknowledgement is no such sign, and neither is a steady stream.
    @Test func whatComesByChanceChangesNothing() {
        var gate = BatchGate(messageLimit: 1000, byteLimit: 1 << 20, window: .seconds(10))
        let start = ContinuousClock.now
        for _ in 0..<20 { gate.note(bytes: 1) }
        gate.start(now: start)
        gate.reset(window: .seconds(10), now: start + .seconds(10))
        gate.note(bytes: 1)
        gate.start(now: start + .seconds(10) + .milliseconds(3))
        for _ in 0..<19 { gate.note(bytes: 1) }
        gate.start(now: start + .seconds(15))
        #expect(gate.messageLimit == 1000)
    }

    @Test func manyBytesOpenTheGateToo() {
        var gate = BatchGate(messageLimit: 1000, byteLimit: 100, window: .seconds(10))
        gate.note(bytes: 99)
        gate.start(now: .now)
        #expect(!gate.isDue(now: .now))
        gate.note(bytes: 1)
        #expect(gate.isDue(now: .now))
    }

    @Test func waitsDoubleUpToAMinuteAndAreSpread() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var backoff = ReconnectBackoff()
            for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
                let wait = backoff.wait(using: &generator)
                #expect(wait <= .seconds(expected) && wait >= .seconds(expected) / 2, "seed \(seed)")
            }
            backoff.reset()
            #expect(backoff.wait(using: &generator) <= .seconds(1), "seed \(seed)")
            backoff.lengthen()
            #expect(backoff.wait(using: &generator) >= .seconds(30), "seed \(seed)")
        }
    }
}
