import TestSupport
import Testing

@testable import quantrac

@Suite("Tables are aligned by what a terminal shows, and nothing in them can steer it")
struct TableTests {
    @Test func widthsAreThoseOfTheTerminal() {
        let nfc = "nhiệt độ"
        let nfd = "nhie\u{323}\u{302}t đo\u{323}\u{302}"
        #expect(DisplayWidth.of(nfc) == 8)
        #expect(DisplayWidth.of(nfd) == 8)
        #expect(DisplayWidth.of("温度") == 4)
        #expect(DisplayWidth.of("한글") == 4)
        #expect(DisplayWidth.of("\u{1112}\u{1161}\u{11AB}") == 2)
        #expect(DisplayWidth.of("🌡️") == 2)
        #expect(DisplayWidth.of("👨‍👩‍👧") == 2)
        #expect(DisplayWidth.of("🇻🇳") == 2)
        #expect(DisplayWidth.of("ｶ") == 1)
        #expect(DisplayWidth.of("Ａ") == 2)
        #expect(DisplayWidth.of("") == 0)
        #expect(DisplayWidth.of("\u{200B}") == 0)
    }

    @Test func truncationKeepsClustersWholeAndTheWidth() {
        #expect(DisplayWidth.truncated("nhie\u{323}\u{302}t kế", to: 6) == "nhie\u{323}\u{302}t…")
        #expect(DisplayWidth.truncated("温度計", to: 4) == "温…")
        #expect(DisplayWidth.truncated("abc", to: 3) == "abc")
        #expect(DisplayWidth.truncated("abc", to: 0) == "")
        #expect(DisplayWidth.truncated("abcdef", to: 5, ellipsis: "...") == "ab...")
    }

    @Test func columnsLineUp() {
        var table = Table(columns: [.init(title: "name"), .init(title: "value", isNumber: true), .init(title: "unit")])
        table.rows = [
            [.init("tủ đông"), .init("-18.4"), .init("°C")], [.init("温度"), .init("5"), .init("")],
            [.init("🌡️ x"), .init(""), .init("V")],
        ]
        #expect(
            table.lines() == [
                "name     value  unit",
                "tủ đông  -18.4  °C",
                "温度         5",
                "🌡️ x            V",
            ])
        #expect(
            table.lines(colours: true)[0]
                == "\u{1B}[1mname\u{1B}[0m     \u{1B}[1mvalue\u{1B}[0m  \u{1B}[1munit\u{1B}[0m")
    }

    @Test func wideColumnsGiveWayOnATerminal() {
        var table = Table(columns: [.init(title: "id"), .init(title: "metrics", shrinks: true)])
        table.rows = [[.init("plug"), .init("energy_power, energy_total")]]
        #expect(table.lines(width: 20) == ["id    metrics", "plug  energy_power,…"])
        #expect(table.lines(width: 3)[1] == "plug  energy_…")
        #expect(table.lines()[1] == "plug  energy_power, energy_total")
    }

    @Test func emptyColumnsGoExceptTheFirst() {
        var table = Table(columns: [.init(title: "a"), .init(title: "b"), .init(title: "c")])
        table.rows = [[.init(""), .init(""), .init("x")]]
        #expect(table.withoutEmptyColumns(keeping: 1).columns.map(\.title) == ["a", "c"])
    }

    @Test func controlCharactersBecomeReplacementCharacters() {
        let hostile = "a\u{1B}]0;title\u{07}\n\u{9B}31m\u{202E}b\u{2028}"
        #expect(Table.Cell(hostile).text == "a\u{FFFD}]0;title\u{FFFD}\u{FFFD}\u{FFFD}31m\u{FFFD}b\u{FFFD}")
        #expect(PlainText.neutralised("tủ đông 🌡️") == "tủ đông 🌡️")
    }

    @Test func noTextReachesATerminalWithControlCharacters() {
        var random = SeededGenerator(seed: 7)
        for round in 0..<2000 {
            let scalars = (0..<Int.random(in: 0...30, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2100, using: &random))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            var table = Table(columns: [.init(title: "x", shrinks: true)])
            table.rows = [[.init(String(text))]]
            let line = table.lines(width: 12)[1]
            #expect(!line.unicodeScalars.contains(where: PlainText.isHarmful), "seed 7, round \(round)")
            #expect(DisplayWidth.of(line) <= 12, "seed 7, round \(round)")
        }
    }

    @Test func csvQuotesWhatItMust() {
        #expect(
            CSV.lines(["a", "b"], [["x,y", "say \"hi\""], ["two\nlines", ""]]) == [
                "a,b", "\"x,y\",\"say \"\"hi\"\"\"", "\"two\nlines\",",
            ])
    }

    @Test func jsonIsShortestAndHarmless() throws {
        struct Value: Encodable {
            var b = 0.1
            var a = ["x\u{9B}\u{1B}y/z"]
            var c = Double.nan
        }
        #expect(
            try JSONOutput.text(Value(), pretty: false)
                == #"{"a":["x\u009b\u001by/z"],"b":0.1,"c":"NaN"}"#)
    }
}
