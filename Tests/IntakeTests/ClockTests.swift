import Intake
import Readings
import Testing

@Suite("A device's clock that is wrong is found out and its times repaired")
struct ClockTests {
    private static let start = ClockHousehold.start
    /// What a clock shows that was never set and has run for so many seconds.
    private static func unset(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: 0).later(seconds) }
    private static let zone = 7.0 * 3600

    private func every(_ seconds: Double, _ numbers: Range<Int>) -> [Double] {
        numbers.map { Double($0) * seconds }
    }

    // MARK: - Right clocks

    @Test func aRightClockIsBelievedToTheMillisecond() {
        let bench = ClockHousehold()
        // Up to half a minute ahead, up to a minute late.
        let ahead = (0..<200).map { Double(($0 * 37) % 80 - 50) + 0.123 }
        for number in 0..<200 {
            bench.send(Double(number), at: bench.time.later(ahead[number]))
            bench.wait(60)
        }
        #expect(bench.seconds() == zip(every(60, 0..<200), ahead).map(+))
        #expect(bench.marks().isEmpty)
    }

    @Test(arguments: [0.01, 1, 30]) func aBufferedBurstKeepsItsTrueTimes(secondsBetweenMessages: Double) {
        let bench = ClockHousehold()
        bench.send(0, at: bench.time)
        // Two hours of silence, then a reading for each minute, oldest first, as fast as the device sends.
        bench.wait(7_200)
        for number in 1...120 {
            bench.send(Double(number), at: Self.start.later(Double(number) * 60))
            bench.wait(secondsBetweenMessages)
        }
        #expect(bench.seconds() == every(60, 0..<121))
        #expect(bench.marks().isEmpty)
    }

    @Test func aMeterThatDatesByTheBeginningOfItsIntervalIsNotBehind() {
        let bench = ClockHousehold()
        for number in 0..<50 {
            bench.wait(900)
            bench.send(Double(number), at: bench.time.later(-900))
        }
        #expect(bench.seconds() == every(900, 0..<50))
        #expect(bench.marks().isEmpty)
    }

    @Test func timesOfLongAgoThatAreSentInOneGoStayWhereTheyAre() {
        let bench = ClockHousehold()
        for number in 0..<100 {
            bench.send(Double(number), at: Self.start.later(-3.0 * 365 * 86_400 + Double(number) * 3600))
            bench.wait(2)
        }
        #expect(bench.marks().isEmpty)
    }

    // MARK: - Wrong clocks

    @Test func aClockThatCountsFrom1970UntilItIsSet() {
        let bench = ClockHousehold()
        for number in 0..<10 {
            bench.send(Double(number), at: Self.unset(5 + Double(number) * 60))
            bench.wait(60)
        }
        // Ten minutes without the broker: measured on, sent late.
        bench.wait(600)
        for number in 10..<20 {
            bench.send(Double(number), at: Self.unset(5 + Double(number) * 60))
            bench.wait(0.1)
        }
        bench.time = Self.start.later(1_260)
        bench.send(20, at: bench.time)
        #expect(bench.seconds() == every(60, 0..<20) + [1_260])
        #expect(Set(bench.marks()) == [Double(5 - Self.start.milliseconds / 1000)])
        #expect(bench.marks().count == 20)
    }

    @Test func theDevicesOwnTimeCanBeReadBack() throws {
        let bench = ClockHousehold()
        bench.wait(0.25)
        bench.send(1, at: Self.unset(12.5))
        let stored = try #require(bench.samples().first?.time)
        let mark = try #require(bench.samples("device_clock_offset").first)
        #expect(mark.time == stored)
        #expect(stored.later(mark.value) == Self.unset(12.5))
    }

    @Test func aBacklogThatComesAfterTheClockIsSetIsDatedByTheOffsetOfThen() {
        let bench = ClockHousehold()
        bench.send(0, at: Self.unset(100))
        bench.wait(60)
        bench.send(1, at: Self.unset(160))
        bench.wait(1_200)
        // Set, and live at once; what was measured in between follows.
        bench.send(22, at: bench.time)
        for number in 2..<21 {
            bench.wait(0.05)
            bench.send(Double(number), at: Self.unset(100 + Double(number) * 60))
        }
        bench.send(23, at: bench.time)
        #expect(bench.seconds().prefix(21).elementsEqual(every(60, 0..<21)))
        #expect(bench.marks().count == 21)
    }

    @Test func aBacklogIsDatedByTheUptimeItTells() {
        let bench = ClockHousehold()
        func state(_ time: String, uptime: Int) {
            bench.receive(#"{"Time":"\#(time)","UptimeSec":\#(uptime),"LoadAvg":\#(uptime)}"#, on: "tele/plug/STATE")
        }
        state(String(bench.time.rfc3339.prefix(19)), uptime: 3_600)
        for uptime in stride(from: 600, to: 3_600, by: 300) {
            bench.wait(1)
            state("1970-01-01T00:\(uptime / 60):00", uptime: uptime)
        }
        let ages = bench.samples("load_avg", of: "plug").map { Double(Self.start.milliseconds(since: $0.time)) / 1000 }
        #expect(ages == stride(from: 3_000.0, through: 0, by: -300).map { $0 })
        #expect(bench.marks(of: "plug").count == 10)
        // A restart begins a new count, which is no backlog.
        bench.wait(1_000)
        state("1970-01-01T00:00:05", uptime: 5)
        #expect(bench.samples("load_avg", of: "plug").last.map { bench.time.seconds(since: $0.time) < 1 } == true)
    }

    @Test func aDeviceThatSleepsWithAClockThatIsNeverSetIsDatedByArrival() {
        let bench = ClockHousehold()
        for number in 0..<30 {
            bench.send(Double(number), at: Self.unset(5 + Double((number * 7) % 5) / 10))
            bench.wait(600)
        }
        #expect(zip(bench.seconds(), 0..<30).allSatisfy { abs($0 - Double($1 * 600)) <= 1 })
        #expect(bench.seconds().count == 30)
    }

    @Test(arguments: [0.02, 1, 45, 600]) func aClockThatStandsStillMakesNoOneReadingOfMany(period: Double) {
        let bench = ClockHousehold()
        for number in 0..<50 {
            bench.send(Double(number), at: Self.unset(0))
            bench.wait(period)
        }
        #expect(bench.seconds().count == 50)
        #expect(zip(bench.seconds(), 0..<50).allSatisfy { abs($0 - Double($1) * period) <= 1 })
        #expect(bench.marks().count == 50)
    }

    @Test func aClockInTheWrongZoneThatIsAheadIsRepairedAtOnce() {
        let bench = ClockHousehold()
        for number in 0..<10 {
            bench.send(Double(number), at: bench.time.later(Self.zone))
            bench.wait(60)
        }
        #expect(bench.seconds() == every(60, 0..<10))
        #expect(bench.marks() == Array(repeating: Self.zone, count: 10))
        // Its backlog keeps its distances.
        bench.wait(1_000)
        for number in 10..<20 {
            bench.send(Double(number), at: Self.start.later(Double(number) * 60 + Self.zone))
            bench.wait(0.1)
        }
        #expect(bench.seconds() == every(60, 0..<20))
    }

    @Test func aClockInTheWrongZoneThatIsBehindIsRepairedAfterAMinute() {
        let bench = ClockHousehold()
        for number in 0..<10 {
            bench.send(Double(number), at: bench.time.later(-Self.zone))
            bench.wait(30)
        }
        #expect(bench.seconds() == every(30, 0..<2).map { $0 - Self.zone } + every(30, 2..<10))
        #expect(bench.marks() == Array(repeating: -Self.zone, count: 8))
        // Set right: believed at once, and what comes late from then on, too.
        bench.send(10, at: bench.time)
        bench.wait(100)
        bench.send(11, at: bench.time.later(-70))
        #expect(bench.seconds().suffix(2) == [300, 330])
        #expect(bench.marks().count == 8)
    }

    @Test(arguments: [-40.0, -3, 3, 40], [20.0, 600]) func aClockThatDrifts(secondsPerHour: Double, period: Double) {
        let bench = ClockHousehold()
        for number in 0..<2_000 {
            let ahead = bench.time.seconds(since: Self.start) * secondsPerHour / 3600
            bench.send(Double(number), at: bench.time.later(ahead))
            bench.wait(period)
        }
        let errors = zip(bench.seconds(), 0..<2_000).map { $0 - Double($1) * period }
        #expect(errors.count == 2_000)
        // Ahead by half a minute or late by one and a half is no matter at first.
        #expect(errors.allSatisfy { $0 > -110 && $0 <= 31 })
        let known = errors.dropFirst(Int(110 / abs(secondsPerHour) * 3600 / period)).map(abs)
        #expect(known.allSatisfy { $0 <= max(4, abs(secondsPerHour) / 3600 * period * 4) })
        #expect(known.isEmpty || !bench.marks().isEmpty)
    }

    @Test func aClockThatJumps() {
        let bench = ClockHousehold()
        // Such that no two show the same time.
        let offsets: [Double] = [0, 5_001, -5_002, Self.zone, 2 * 86_400, 0, -3_603, 100_000, 0]
        var number = 0
        for offset in offsets {
            for _ in 0..<20 {
                bench.send(Double(number), at: bench.time.later(offset))
                bench.wait(30)
                number += 1
            }
        }
        let errors = zip(bench.seconds(), 0..<number).map { abs($0 - Double($1) * 30) }
        guard errors.count == number else { return #expect(errors.count == number) }
        for part in offsets.indices { #expect(errors[part * 20 + 5..<part * 20 + 20].allSatisfy { $0 <= 1.5 }) }
        #expect(errors.prefix(20).allSatisfy { $0 == 0 } && errors.suffix(20).allSatisfy { $0 == 0 })
    }

    @Test func aRepairedReadingDoesNotReplaceTheOneBefore() {
        let bench = ClockHousehold()
        bench.wait(0.3)
        bench.send(1, at: Self.start)
        bench.wait(0.6)
        // Cut to whole seconds this would have been measured at the same time.
        bench.send(2, at: Self.start.later(3_600))
        bench.wait(1)
        bench.send(3, at: Self.start.later(3_601))
        #expect(bench.seconds() == [0, 0.001, 1.001])
    }

    @Test func oneTimeFarAheadHarmsNoOther() {
        let bench = ClockHousehold()
        for number in 0..<10 {
            let slip: Double = number == 4 ? 20 * 3600 : number == 7 ? 1e9 : 0
            bench.send(Double(number), at: bench.time.later(slip))
            bench.send(Double(number), at: bench.time, from: "other")
            bench.wait(10)
        }
        #expect(bench.seconds() == every(10, 0..<10))
        #expect(bench.marks() == [20 * 3600, 1e9])
        #expect(bench.marks(of: "other").isEmpty)
        // In one message of several times as well.
        bench.wait(0.5)
        bench.receive(
            #"[{"n":"m/a","v":1,"t":1790000100},{"n":"m/a","v":2,"t":1790050000},{"n":"m/a","v":3,"t":1790000090}]"#,
            on: "pack")
        #expect(bench.samples("a", of: "m").map(\.value) == [3, 1, 2])
        #expect(bench.samples("a", of: "m").first?.time.milliseconds == 1_790_000_090_000)
        #expect(bench.samples("device_clock_offset", of: "m").count == 1)
    }

    // MARK: - What may have come before

    @Test(arguments: [Self.zone, -Self.zone, 0]) func redeliveredCopiesGetTheSameTimes(offset: Double) {
        let bench = ClockHousehold()
        for number in 0..<20 {
            bench.send(Double(number), at: bench.time.later(offset), id: UInt16(number + 1))
            bench.wait(30)
        }
        let before = bench.samples()
        let marks = bench.marks()
        for round in 0..<3 {
            bench.intake.connected(sessionPresent: true)
            bench.wait(Double(round) * 400)
            for number in 0..<20 {
                bench.send(
                    Double(number), at: Self.start.later(Double(number) * 30 + offset), id: UInt16(number + 1),
                    again: true)
            }
            bench.intake.redeliveriesAreOver()
        }
        #expect(bench.samples() == before)
        #expect(bench.marks() == marks)
        // A copy that the device itself made has another number.
        bench.send(19, at: Self.start.later(19 * 30 + offset), id: 99)
        #expect(bench.samples() == before)
    }

    @Test func nothingIsLearnedFromOldMessages() {
        let bench = ClockHousehold()
        bench.send(0, at: bench.time)
        bench.intake.connected(sessionPresent: true)
        bench.wait(3_600)
        for number in 1...10 {
            bench.send(Double(number), at: bench.time.later(-3_600), id: UInt16(number))
            bench.wait(30)
        }
        #expect(bench.marks().isEmpty)
        bench.intake.redeliveriesAreOver()
        bench.send(11, at: bench.time)
        #expect(bench.seconds().last == 3_900)
        #expect(bench.marks().isEmpty)
    }

    @Test func retainedMessagesAreNoNewReadings() {
        let bench = ClockHousehold()
        // Of unknown age: nobody knows whether this clock is ahead or was set since.
        bench.send(1, at: bench.time.later(Self.zone), retained: true)
        bench.send(2, at: Self.unset(100), retained: true)
        #expect(bench.samples().isEmpty)
        for number in 3..<6 {
            bench.send(Double(number), at: bench.time.later(Self.zone))
            bench.wait(60)
        }
        let before = bench.samples()
        bench.wait(600)
        bench.send(5, at: Self.start.later(120 + Self.zone), retained: true)
        #expect(bench.samples() == before)
        // The clock is set; what is retained is still from before.
        bench.send(6, at: bench.time)
        bench.send(5, at: Self.start.later(120 + Self.zone), retained: true)
        #expect(bench.samples().count == before.count + 1)
        // Even when its time has long passed.
        bench.wait(10 * 3600)
        bench.send(5, at: Self.start.later(120 + Self.zone), retained: true)
        #expect(bench.samples().count == before.count + 1)
    }

    // MARK: - Restarts

    @Test func aClockThatWasSetWhileNobodyListenedIsRightAtOnce() {
        let first = ClockHousehold()
        first.send(1, at: first.time.later(Self.zone))
        let second = ClockHousehold(store: first.store, time: Self.start.later(20 * 3600))
        second.send(2, at: second.time)
        #expect(second.seconds() == [0, 20 * 3600])
        #expect(second.marks().count == 1)
    }

    @Test func aMarkThatNobodyCouldHaveMadeIsNotRestored() {
        let bench = ClockHousehold()
        bench.send(1, at: bench.time.later(Self.zone))
        guard let mark = bench.store.labels.firstIndex(where: { $0.metric == "device_clock_offset" }) else {
            Issue.record("no mark")
            return
        }
        bench.wait(60)
        // As an import may bring it.
        bench.store.beginRow(at: bench.time)
        bench.store.add(9e15, to: SeriesRef(index: UInt32(mark)))
        let second = ClockHousehold(store: bench.store, time: bench.time.later(60))
        second.send(2, at: second.time)
        #expect(second.seconds().last == 120)
    }

    @Test(arguments: [Self.zone, -Self.zone, -1.7897e9]) func aRestartForgetsNothing(offset: Double) {
        let first = ClockHousehold()
        for number in 0..<10 {
            first.send(Double(number), at: first.time.later(offset))
            first.wait(60)
        }
        // The first thing it hears is a backlog.
        let second = ClockHousehold(store: first.store, time: Self.start.later(1_200))
        for number in 10..<20 {
            second.send(Double(number), at: Self.start.later(Double(number) * 60 + offset))
            second.wait(0.1)
        }
        #expect(second.seconds().suffix(10).elementsEqual(every(60, 10..<20)))
        // A clock that was set in the meantime, is not taken for wrong.
        second.wait(60)
        second.send(20, at: second.time)
        let third = ClockHousehold(store: first.store, time: second.time.later(3_600))
        third.send(21, at: third.time.later(-1_800))
        #expect(third.seconds().last == third.time.later(-1_800).seconds(since: Self.start))
    }

    // MARK: - Our own clock

    @Test(arguments: [0.2, 3, 20_000]) func aHostThatStartsWithAnOldTimeDoesNotSpoilWhatDevicesKnow(days: Double) {
        let first = ClockHousehold()
        for number in 0..<10 {
            for device in ["a", "b", "c"] { first.send(Double(number), at: first.time, from: device) }
            first.wait(60)
        }
        // Switched off for days; our clock goes on where it stopped, or even at 1970, until it is told better.
        let truth = Self.start.later(3 * 86_400)
        let second = ClockHousehold(store: first.store, time: truth.later(-days * 86_400 + 0.4))
        let behind = truth.seconds(since: second.time)
        for number in 10..<20 {
            for device in ["a", "b", "c"] { second.send(Double(number), at: second.time.later(behind), from: device) }
            // A new device, and one in the wrong zone, are judged by what the others say.
            second.send(Double(number), at: second.time.later(behind), from: "new")
            second.send(Double(number), at: second.time.later(behind + Self.zone), from: "zone")
            second.wait(60)
        }
        second.wait(behind)
        for number in 20..<30 {
            for device in ["a", "b", "c", "new"] { second.send(Double(number), at: second.time, from: device) }
            second.send(Double(number), at: second.time.later(Self.zone), from: "zone")
            second.wait(60)
        }
        let all = every(60, 0..<10) + every(60, 4_320..<4_340)
        for device in ["b", "c"] {
            #expect(second.seconds(of: device) == all)
            #expect(second.marks(of: device).isEmpty)
        }
        // Alone, the first was not believed to be ahead by more than a day.
        let isFirstOff = days > 1
        #expect(second.seconds(of: "a").enumerated().allSatisfy { $1 == all[$0] || $0 == 10 && isFirstOff })
        #expect(second.marks(of: "a").count == (isFirstOff ? 1 : 0))
        for device in ["new", "zone"] { #expect(second.seconds(of: device).elementsEqual(all.suffix(20))) }
    }

    @Test func oneDeviceAloneDoesNotOverruleOurClock() {
        let first = ClockHousehold()
        first.send(0, at: first.time)
        let second = ClockHousehold(store: first.store, time: Self.start.later(600))
        for number in 1...10 {
            second.send(Double(number), at: second.time.later(50_000))
            second.wait(60)
        }
        #expect(second.seconds().suffix(7).elementsEqual(every(60, 13..<20)))
    }
}

extension Timestamp {
    func seconds(since other: Timestamp) -> Double {
        Double(milliseconds(since: other)) / 1000
    }
}
