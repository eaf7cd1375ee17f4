import Foundation
import Readings
import TestSupport
import Testing

@testable import quantrac

@Suite("A chart shows every value, keeps within its width, and leaves gaps open")
struct ChartTests {
    private let clock = SampleReports.clock

    private func steps(hours: Int64, points: Int = 142) throws -> HistorySteps {
        try HistorySteps(
            from: clock.now.advanced(byMilliseconds: -hours * 3_600_000), to: clock.now, points: points, step: nil,
            clock: clock)
    }

    private func chart(
        _ samples: [Sample], _ steps: HistorySteps, title: String = "Tủ đông · temperature",
        texts: Texts = SampleReports.english
    ) -> Chart {
        Chart(
            title: title, unit: "Cel", points: HistoryFold.points(samples, steps: steps), start: steps.start,
            end: steps.end, step: steps.step, clock: clock, texts: texts)
    }

    /// A freezer: one degree up and down in two hours, its door open at half past one, the sensor silent from three to
    /// five in the morning.
    private func freezer(_ steps: HistorySteps) -> [Sample] {
        let sampling = (steps.step + 3) / 4
        return stride(
            from: steps.start.milliseconds + sampling - steps.step, through: steps.end.milliseconds, by: Int(sampling)
        )
        .compactMap { milliseconds in
            let hour =
                Double(clock.wall(at: Timestamp(milliseconds: milliseconds)).milliseconds % 86_400_000) / 3.6e6
            if (3..<5).contains(hour) { return nil }
            let door = (13.5..<13.75).contains(hour) ? 5.0 : 0
            return Sample(time: Timestamp(milliseconds: milliseconds), value: -18 + sin(hour * .pi) + door)
        }
    }

    // Looked at on a terminal: the waves, the gap in the night, the peak near the end, hours below.
    @Test func aDayOfAFreezerInBraille() throws {
        let steps = try steps(hours: 24)
        let lines = chart(freezer(steps), steps).lines(width: 72, rows: 8, utf8: true, colours: false)
        #expect(
            lines.joined(separator: "\n")
                == """
                Tủ đông · temperature [°C]
                -10 ┤
                    │
                    │
                    │                                                                 ⣿
                -15 ┤                                                                 ⣿⡀
                    │⢀⠤⣄⡀  ⡠⢤⣀  ⢀⠤⣄⡀  ⢀⢤⣀   ⡠⣄⡀  ⢀⢤⣀   ⡠⣄⡀        ⡠⢤⡀  ⢀⠤⣄   ⡠⢤⡀  ⢀⠤⣄ ⣿⡇
                    │⡎  ⢳⣀⣰⠁ ⠘⣆⣀⡎  ⢳⣀⣰⠋ ⠘⣆⣀⡞⠁ ⢳⣀⣰⠋ ⠘⣆⣀⡞⠁ ⠁    ⠐⣆⣀⡞⠁ ⢳⣀⡠⡎ ⠘⣆⣀⢴⠁ ⢳⣀⡠⡎ ⠘⢲⣿⢸
                -20 ┤    ⠁⠁   ⠈⠈    ⠁⠁   ⠈⠈    ⠈⠁    ⠉          ⠉    ⠈⠁    ⠉    ⠈⠁    ⠁
                    └───────────┬───────────────┬────────────────┬────────────────┬─────
                              18:00          Nov 23            06:00            12:00
                min -19 °C (2026-11-22 15:30) · avg -17.95 °C · max -13.83147 °C (13:45)
                last -18 °C
                2026-11-22 14:00 – 2026-11-23 14:03 · step 15 min
                Asia/Ho_Chi_Minh (UTC+07:00)
                """)
    }

    @Test func aDayOfAFreezerInASCIIAndVietnamese() throws {
        let steps = try steps(hours: 24)
        let lines = chart(freezer(steps), steps, texts: SampleReports.vietnamese)
            .lines(width: 60, rows: 6, utf8: false, colours: false)
        #expect(
            lines.joined(separator: "\n")
                == """
                Tủ đông · temperature [°C]
                -10 +
                    |
                    |                                                     :
                -15 +                                                     :
                    |.::..:': .::..:': .::..:': :':    . :':..:': :':..:':::
                -20 +   ''  ''   ''  ''   ''  ''       ''   ''  ''   ''  ''
                    +----------------------+---------------------------+----
                                         23/11                       12:00
                thấp nhất -19 °C (2026-11-22 15:30) · trung bình -17.95 °C
                cao nhất -13.83147 °C (13:45) · mới nhất -18 °C
                2026-11-22 14:00 – 2026-11-23 14:03 · bước 15 phút
                Asia/Ho_Chi_Minh (UTC+07:00)
                """)
    }

    @Test func noLineIsWiderThanAskedWhateverTheInput() throws {
        var random = SeededGenerator(seed: 20_261_123)
        let hostile: [Double] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0,
            -0.0, 1e16, 1e16 + 2, -273.15, 1e-300,
        ]
        let titles = ["a", "", String(repeating: "cảm biến ", count: 40), "\u{1B}[31m\n\u{202E}x", "温度計🌡️"]
        for round in 0..<600 {
            let width = Int.random(in: -2...130, using: &random)
            let rows = Int.random(in: -1...70, using: &random)
            let hours = Int64.random(in: 1...20_000, using: &random)
            let steps = try steps(hours: hours, points: Int.random(in: 1...300, using: &random))
            let count = [0, 1, 2, 3, 50, 400][Int.random(in: 0...5, using: &random)]
            let constant = Double.random(in: -100...100, using: &random)
            let kind = Int.random(in: 0...3, using: &random)
            let points = (0..<count).map { index in
                let value =
                    switch kind {
                    case 0: constant
                    case 1: hostile[Int.random(in: hostile.indices, using: &random)]
                    case 2:
                        Double.random(in: -1...1, using: &random)
                            * pow(10, Double.random(in: -300...300, using: &random))
                    default: Double.random(in: -50...50, using: &random)
                    }
                // Not through the fold, which leaves out what is not finite; times outside the range too.
                let time = steps.start.advanced(byMilliseconds: Int64(index) * steps.step * (round % 7 == 0 ? 9 : 1))
                return HistoryPoint(time: time, last: value, least: value, greatest: value, mean: value, count: 1)
            }
            let chart = Chart(
                title: titles[round % titles.count], unit: "Cel", points: points, start: steps.start, end: steps.end,
                step: steps.step, clock: clock, texts: round % 2 == 0 ? SampleReports.english : SampleReports.vietnamese
            )
            let utf8 = round % 3 != 0
            let lines = chart.lines(width: width, rows: rows, utf8: utf8, colours: false)
            let tooWide = lines.filter { DisplayWidth.of($0) > max(0, width) }
            #expect(tooWide.isEmpty, "seed \(random.seed), round \(round), width \(width)")
            let harmful = lines.filter { $0.unicodeScalars.contains(where: PlainText.isHarmful) }
            #expect(harmful.isEmpty, "seed \(random.seed), round \(round)")
            let coloured = chart.lines(width: width, rows: rows, utf8: utf8, colours: true).map(withoutColours)
            #expect(coloured == lines, "seed \(random.seed), round \(round): colours change the text")
        }
    }

    @Test func aConstantLiesInTheMiddle() throws {
        let steps = try steps(hours: 1)
        let samples = (0...60).map {
            Sample(time: steps.start.advanced(byMilliseconds: $0 * 60_000), value: 21.5)
        }
        let lines = chart(samples, steps).lines(width: 60, rows: 9, utf8: true, colours: false)
        let drawn = lines.dropFirst().prefix(9).map { $0.contains { ("\u{2801}"..."\u{28FF}").contains($0) } }
        #expect(drawn.enumerated().filter(\.element).map(\.offset) == [4])
    }

    @Test func oneReadingIsOneDot() throws {
        let steps = try steps(hours: 1)
        let lines = chart([Sample(time: clock.now, value: 3)], steps).lines(
            width: 60, rows: 5, utf8: true, colours: false)
        let dots = lines.joined().unicodeScalars.filter { (0x2801...0x28FF).contains($0.value) }
        #expect(dots.count == 1)
        #expect(dots.first?.properties.name?.hasPrefix("BRAILLE PATTERN DOTS-") == true)
        #expect(dots.first.map { ($0.value - 0x2800).nonzeroBitCount } == 1)
    }

    @Test func noReadingIsSaid() throws {
        let lines = chart([], try steps(hours: 1)).lines(width: 60, rows: 5, utf8: true, colours: false)
        #expect(lines == ["Tủ đông · temperature [°C]", "no readings in this range"])
    }

    @Test func aSensorThatSpeaksOnceAnHourHasNoGapsButAThreeHourSilenceIsOne() throws {
        let steps = try steps(hours: 24)
        let end = steps.end.milliseconds
        // Every hour, and nothing between the tenth and the thirteenth.
        let samples = (0...23).filter { $0 != 11 && $0 != 12 }.map { hour in
            Sample(time: Timestamp(milliseconds: end - 86_400_000 + Int64(hour) * 3_600_000), value: 5)
        }
        let lines = chart(samples, steps).lines(width: 79, rows: 3, utf8: true, colours: false)
        let row = try #require(
            lines.dropFirst().prefix(3).first { $0.contains { ("\u{2801}"..."\u{28FF}").contains($0) } })
        let plot = row.drop { $0 != "┤" && $0 != "│" }.dropFirst()
        let runs = plot.split { $0 == " " }
        #expect(runs.count == 2, "one line, one gap, one line: '\(plot)'")
    }

    @Test func ticksAreRoundAndHoldTheValues() {
        let axis = ValueAxis(least: -18.4, greatest: -11.2, ticks: 4)
        #expect(axis.ticks.map(\.label) == ["-20", "-18", "-16", "-14", "-12", "-10"])
        #expect((axis.least, axis.greatest) == (-20, -10))
        let small = ValueAxis(least: 0.0012, greatest: 0.0019, ticks: 4)
        #expect(small.ticks.map(\.label) == ["0.0010", "0.0012", "0.0014", "0.0016", "0.0018", "0.0020"])
        #expect(axis.fraction(-20) == 0)
        #expect(axis.fraction(-10) == 1)
        #expect(axis.fraction(-15) == 0.5)
    }

    @Test func axesOfExtremeValuesStillHaveLabels() {
        let (greatest, tiny) = (Double.greatestFiniteMagnitude, Double.leastNormalMagnitude / 100)
        for (low, high) in [
            (-greatest, greatest), (greatest, greatest), (0, .leastNonzeroMagnitude), (1e16, 1e16 + 2), (-tiny, tiny),
        ] as [(Double, Double)] {
            let axis = ValueAxis(least: low, greatest: high, ticks: 4)
            #expect(!axis.ticks.isEmpty)
            #expect(axis.ticks.allSatisfy { !$0.label.isEmpty && $0.label.count <= 14 }, "\(axis.ticks)")
            #expect((0...1).contains(axis.fraction(low)))
            #expect((0...1).contains(axis.fraction(high)))
        }
    }

    @Test func hoursAreThoseOfTheWallAlsoWhenClocksChange() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        // 2026-10-25: at three o'clock summer time clocks went back to two.
        let begin = Timestamp(milliseconds: 1_792_879_200_000)  // 2026-10-25T00:00+02:00
        let clock = LocalClock(now: begin.advanced(byMilliseconds: 25 * 3_600_000), zone: zone)
        let axis = TimeAxis(
            from: begin, to: clock.now, columns: 125, clock: clock, texts: SampleReports.english)
        #expect(axis.ticks.map(\.label) == ["Oct 25", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"])
        // From midnight to three are four hours of that day, the others three.
        let columns = axis.ticks.map(\.column)
        #expect(columns == [0, 20, 35, 50, 65, 80, 95, 110])
    }

    private func withoutColours(_ line: String) -> String {
        let parts = line.split(separator: "\u{1B}[", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0 == 0 ? $1 : $1.drop { $0 != "m" }.dropFirst() }.joined()
    }
}
