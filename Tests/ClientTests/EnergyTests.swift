import ConfigurationFile
import Energy
import Foundation
import QueryAPI
import Readings
import Testing

@testable import quantrac

// The expected pages were read, in both languages, before they were put here.
@Suite("What was consumed, and what it costs")
struct EnergyTests {
    private let clock = SampleReports.clock

    private static func period(
        _ start: String, _ end: String, _ consumption: Double, estimated: Double = 0, until: String? = nil,
        folded: Double? = nil, events: [EnergyReport.Event] = []
    ) -> EnergyReport.Period {
        .init(
            start: start, end: end, consumption: consumption, estimated: estimated, complete: until == nil,
            knownFrom: start, knownUntil: until ?? end, first: .init(time: start, value: 1),
            last: .init(time: until ?? end, value: 2), foldedSeconds: folded, events: events, moreEvents: 0)
    }

    private static let days = EnergyReport(
        metric: ["__name__": "energy_total", "device": "plug", "household": "home"], unit: "kWh", by: "day",
        zone: "Asia/Ho_Chi_Minh",
        periods: [
            period("2026-11-20T17:00:00.000Z", "2026-11-21T17:00:00.000Z", 8, folded: 60),
            period(
                "2026-11-21T17:00:00.000Z", "2026-11-22T17:00:00.000Z", 4, estimated: 1.25,
                events: [
                    .init(
                        kind: "gap", before: .init(time: "2026-11-22T16:00:00.000Z", value: 20),
                        after: .init(time: "2026-11-22T18:00:00.000Z", value: 22.5), counted: 2.5, settled: true,
                        assumption: "")
                ]),
            period(
                "2026-11-22T17:00:00.000Z", "2026-11-23T17:00:00.000Z", 2.1, until: "2026-11-23T07:03:00.000Z",
                events: [
                    .init(
                        kind: "reset", before: .init(time: "2026-11-23T01:00:00.000Z", value: 23),
                        after: .init(time: "2026-11-23T01:10:00.000Z", value: 0.05), counted: 0.05, settled: true,
                        assumption: ""),
                    .init(
                        kind: "spike", before: .init(time: "2026-11-23T07:03:00.000Z", value: 1),
                        after: .init(time: "2026-11-23T07:03:10.000Z", value: 65_535), counted: 0, settled: false,
                        assumption: ""),
                ]),
        ])

    private func page(
        _ report: EnergyReport, _ language: Language = .english, _ terminal: Terminal = .pipe, tariff: Tariff? = nil
    ) throws -> EnergyPage {
        EnergyPage(
            report: report, deviceName: "Ổ cắm", bills: try tariff.map { try MonthlyBills(report, $0, clock: clock) },
            texts: Texts(language: language), clock: clock, terminal: terminal)
    }

    @Test func inEnglish() throws {
        #expect(
            try page(Self.days).lines().joined(separator: "\n") == """
                Ổ cắm · energy_total · by day

                day          kWh  note
                2026-11-21     8  from steps of 1 min
                2026-11-22     4  ~ 1.25 estimated [1]
                2026-11-23   2.1  so far, until 2026-11-23 14:03 [2] [3]
                total       14.1

                [1] gap from 2026-11-22 23:00 until 2026-11-23 01:00: no readings; the 2.5 kWh counted meanwhile are spread evenly
                [2] reset at 2026-11-23 08:10, 23 kWh → 0.05 kWh: the counter began anew; what it shows was consumed since
                [3] spike? at 2026-11-23 14:03, 1 kWh → 65535 kWh: too few readings follow to tell; it counts nothing yet
                What was consumed between the last reading and a reset or a replacement is not in it.
                ~ estimated: spread evenly over a pause that reaches beyond the period
                from steps: the readings themselves have given way to the disk budget; totals stay exact
                """)
    }

    @Test func inVietnameseWithBars() throws {
        var terminal = Terminal.pipe
        terminal.isTTY = true
        let lines = try page(Self.days, .vietnamese, terminal).lines()
        #expect(lines[2] == "ngày         kWh                                    ghi chú")
        #expect(lines[3] == "2026-11-21     8  ████████████████████████████████  từ bước 1 phút")
        #expect(lines[4] == "2026-11-22     4  ████████████████                  ~ 1.25 ước tính [1]")
        #expect(lines[5].hasPrefix("2026-11-23   2.1  ████████▍                         đến 2026-11-23 14:03"))
        #expect(lines.last == "từ bước: số đo gốc đã nhường chỗ vì hạn mức đĩa; tổng vẫn chính xác")
        terminal.isUTF8 = false
        #expect(try page(Self.days, .english, terminal).lines()[4].contains("  ################  "))
    }

    @Test func nothingIsSaidAsNothing() throws {
        var report = Self.days
        report.periods = [
            .init(
                start: "2026-11-20T17:00:00.000Z", end: "2026-11-21T17:00:00.000Z", consumption: 0, estimated: 0,
                complete: false, knownFrom: nil, knownUntil: nil, first: nil, last: nil, foldedSeconds: nil, events: [],
                moreEvents: 0)
        ]
        #expect(try page(report).lines() == ["No readings of this counter in this range."])
        #expect(try page(report).csv.count == 2)
    }

    @Test func forPrograms() throws {
        let csv = try page(Self.days).csv
        #expect(
            csv[1]
                == "2026-11-20T17:00:00.000Z,2026-11-21T17:00:00.000Z,home,plug,energy_total,kWh,8,0,true,"
                + "2026-11-20T17:00:00.000Z,2026-11-21T17:00:00.000Z,1,2,")
        #expect(csv[3].hasSuffix(",1,2,reset spike"))
        let json = try JSONOutput.text(try page(Self.days).json, pretty: false)
        let back = try JSONDecoder().decode(EnergyReport.self, from: Data(json.utf8))
        #expect(back == Self.days)
    }

    // MARK: - The bill

    /// The file that the project gives as the example.
    private func vietnam() throws -> Tariff {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../config/tariffs/vietnam-household.yaml").path()
        return try TariffReader.tariff(in: try String(contentsOfFile: path, encoding: .utf8), named: "vietnam")
    }

    private static func months(_ may: Double, june: Double? = nil) -> EnergyReport {
        var report = days
        report.by = "month"
        report.periods = [period("2025-04-30T17:00:00.000Z", "2025-05-31T17:00:00.000Z", may)]
        if let june {
            report.periods.append(
                period(
                    "2025-05-31T17:00:00.000Z", "2025-06-30T17:00:00.000Z", june, until: "2025-06-19T17:00:00.000Z"))
        }
        return report
    }

    /// The amounts are computed by hand in `BillTests`: 310 kWh in May 2025, and 250 at the prices from then on.
    @Test func aPriceChangeSplitsTheMonth() throws {
        let lines = try page(Self.months(310, june: 250), tariff: try vietnam()).lines()
        #expect(
            lines.dropFirst(6).joined(separator: "\n") == """

                Bill of 2025-05 · Điện sinh hoạt

                step           kWh  VND/kWh    costs
                1, days 1–9     15    1 893   28 395
                2, days 1–9     15    1 956   29 340
                3, days 1–9     29    2 271   65 859
                4, days 1–9     29    2 860   82 940
                5, days 1–9      2    3 197    6 394
                1, days 10–31   35    1 984   69 440
                2, days 10–31   35    2 050   71 750
                3, days 10–31   71    2 380  168 980
                4, days 10–31   71    2 998  212 858
                5, days 10–31    8    3 350   26 800
                VAT 8 %                       61 020
                to pay, VND    310           823 776

                Bill of 2025-06 so far · Điện sinh hoạt

                step         kWh  VND/kWh    costs
                1             50    1 984   99 200
                2             50    2 050  102 500
                3            100    2 380  238 000
                4             50    2 998  149 900
                VAT 8 %                     47 168
                to pay, VND  250           636 768
                """)
        let json = try JSONOutput.text(try page(Self.months(310), tariff: try vietnam()).json, pretty: false)
        #expect(json.contains(#""month":"2025-05","#) && json.contains(#""total":823776"#), "\(json)")
    }

    @Test func aTariffForSomethingElseIsRefused() throws {
        var water = try vietnam()
        water.unit = "m3"
        #expect(throws: ClientError.otherUnit(tariff: "m3", counter: "kWh")) {
            try page(Self.months(1), tariff: water)
        }
        var early = Self.months(1)
        early.periods = [Self.period("2018-12-31T17:00:00.000Z", "2019-01-31T17:00:00.000Z", 1)]
        #expect(try page(early, tariff: try vietnam()).lines().last == "The tariff has no price for 2019-01.")
    }

    @Test func waterHasPricesTooAndAFee() throws {
        let tariff = try TariffReader.tariff(
            in: """
                currency: EUR
                unit: m3
                decimals: { consumption: 3, steps: 3, money: 2 }
                prices: [{ from: 2020-01-01, steps: [{ price: 2.345 }] }]
                fee: [{ from: 2020-01-01, perMonth: 4.5 }]
                """, named: "water.yaml")
        var report = Self.months(1.5)
        report.unit = "m3"
        let lines = try page(report, tariff: tariff).lines()
        // 1.5 × 2.345 = 3.5175 → 3.52; with the fee 8.02.
        #expect(lines.contains("1            1.5   2.345   3.52"), "\(lines)")
        #expect(lines.contains("fixed fee                  4.50"))
        #expect(lines.contains("to pay, EUR  1.5           8.02"))
    }

    @Test(arguments: [
        ("", "t: the tariff is empty"),
        ("prices: [", "is no YAML"),
        ("currency: VND", "t:1: prices: are missing"),
        ("currency: VND\nprise: 1", "t:2: prise: unknown key"),
        ("currency: VND\nprices: 7", "t:2: prices: must be a list"),
        ("currency: VND\nprices:\n  - from: 2025-13-01", "t:3: from: must be a day"),
        ("currency: VND\nprices:\n  - { from: 2025-01-01 }", "t:3: steps: is missing"),
        ("prices:\n  - from: 2025-01-01\n    steps:\n      - { upTo: 5, price: 1 }", "steps: the last step must be"),
        (
            "prices:\n  - from: 2025-01-01\n    steps:\n      - { price: 1 }\n      - { price: 2 }",
            "t:5: steps: nothing"
        ),
        (
            "prices:\n  - from: 2025-01-01\n    steps:\n      - { upTo: 5, price: 1 }\n      - { upTo: 5, price: 2 }",
            "t:5: upTo: must be more"
        ),
        ("prices:\n  - from: 2025-01-01\n    steps:\n      - { price: 1e9 }", "t:4: price: must be a number"),
        ("prices:\n  - from: 2025-01-01\n    steps:\n      - { price: -1 }", "t:4: price: must be a number"),
        (
            "tax:\n  - { from: 2025-01-01, percent: 8 }\n  - { from: 2025-01-01, percent: 9 }",
            "t:3: from: must be later than the entry before"
        ),
        ("decimals: { money: 10 }", "t:1: money: must be a whole number from 0 to 9"),
        ("prices: [{ from: 2025-01-01, steps: [{ price: 1 }] }]", "currency: is missing"),
    ])
    func aBadTariffIsSaidWithItsLine(text: String, problem: String) {
        let error = #expect(throws: ConfigurationError.self) { try TariffReader.tariff(in: text, named: "t") }
        #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
    }
}
