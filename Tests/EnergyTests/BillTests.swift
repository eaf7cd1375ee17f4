import Energy
import Foundation
import Testing

/// Each expectation was computed by hand, as its comment shows, and not by the program.
@Suite("Bills are what they come to on paper")
struct BillTests {
    private static func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    private func steps(_ prices: [Int]) -> [Tariff.Step] {
        zip([50, 100, 200, 300, 400, nil], prices).map { Tariff.Step(upTo: $0.map { Decimal($0) }, price: Decimal($1)) }
    }

    /// Prices and taxes of Vietnam's households.
    private func tariff(fees: [Tariff.Dated<Decimal>] = []) throws -> Tariff {
        Tariff(
            name: "test", currency: "VND", unit: "kWh", rounding: .init(consumption: 0, steps: 0, money: 0),
            prices: [
                .init(from: try BillTests.date("2023-05-04"), value: steps([1728, 1786, 2074, 2612, 2919, 3015])),
                .init(from: try BillTests.date("2024-10-11"), value: steps([1893, 1956, 2271, 2860, 3197, 3302])),
                .init(from: try BillTests.date("2025-05-10"), value: steps([1984, 2050, 2380, 2998, 3350, 3460])),
            ],
            taxes: [
                .init(from: try BillTests.date("2023-01-01"), value: 10),
                .init(from: try BillTests.date("2023-07-01"), value: 8),
            ],
            fees: fees)
    }

    private func bill(_ month: Int, of year: Int, _ consumption: Double, elapsed: Int = 31) throws -> Bill {
        let month = try #require(CivilMonth(year: year, month: month))
        return try tariff().bill(for: month, consumption: consumption, daysElapsed: elapsed)
    }

    /// 50 × 1984 + 50 × 2050 + 100 × 2380 + 50 × 2998 = 99 200 + 102 500 + 238 000 + 149 900 = 589 600;
    /// 8 %: 47 168; together 636 768.
    @Test func aMonthAtOnePrice() throws {
        let bill = try bill(6, of: 2025, 250)
        #expect(bill.parts.count == 1)
        #expect(bill.parts.first?.lines.map(\.amount) == [50, 50, 100, 50])
        #expect(bill.parts.first?.lines.map(\.cost) == [99_200, 102_500, 238_000, 149_900])
        #expect(bill.net == 589_600)
        #expect(bill.tax == 47_168)
        #expect(bill.total == 636_768)
    }

    /// May 2025, 310 kWh in 31 days, the new price from the 10th: 9 days of the old, 22 of the new.
    ///
    /// Old: 310 ÷ 31 × 9 = 90 kWh. Steps 50 ÷ 31 × 9 = 14.5 → 15, 15, 100 ÷ 31 × 9 = 29.03 → 29, 29, 29:
    /// 15 × 1893 + 15 × 1956 + 29 × 2271 + 29 × 2860 + 2 × 3197 = 28 395 + 29 340 + 65 859 + 82 940 + 6394 = 212 928.
    /// New: 220 kWh. Steps 50 ÷ 31 × 22 = 35.48 → 35, 35, 100 ÷ 31 × 22 = 70.97 → 71, 71, 71:
    /// 35 × 1984 + 35 × 2050 + 71 × 2380 + 71 × 2998 + 8 × 3350 = 69 440 + 71 750 + 168 980 + 212 858 + 26 800 = 549 828.
    /// Together 762 756; 8 % of it 61 020.48 → 61 020; 823 776.
    @Test func aMonthSplitByAPriceChange() throws {
        let bill = try bill(5, of: 2025, 310)
        #expect(bill.parts.map(\.days) == [1...9, 10...31])
        #expect(bill.parts.map(\.consumption) == [90, 220])
        #expect(bill.parts.first?.lines.map(\.amount) == [15, 15, 29, 29, 2])
        #expect(bill.parts.first?.lines.map(\.cost) == [28_395, 29_340, 65_859, 82_940, 6394])
        #expect(bill.parts.last?.lines.map(\.amount) == [35, 35, 71, 71, 8])
        #expect(bill.parts.last?.lines.map(\.cost) == [69_440, 71_750, 168_980, 212_858, 26_800])
        #expect(bill.net == 762_756)
        #expect(bill.tax == 61_020)
        #expect(bill.total == 823_776)
    }

    /// What does not divide: 100 kWh in May 2025: 100 ÷ 31 × 9 = 29.03 → 29, and the rest, 71.
    /// Old: 15 × 1893 + 14 × 1956 = 28 395 + 27 384 = 55 779. New: 35 × 1984 + 35 × 2050 + 1 × 2380 = 143 570.
    /// 199 349; 8 % 15 947.92 → 15 948; 215 297.
    @Test func theRestOfASplitIsTheNewPrices() throws {
        let bill = try bill(5, of: 2025, 100)
        #expect(bill.parts.map(\.consumption) == [29, 71])
        #expect(bill.total == 215_297)
    }

    /// 60 kWh at the prices of May 2023: 50 × 1728 + 10 × 1786 = 86 400 + 17 860 = 104 260. In June 2023 with 10 %,
    /// 10 426: 114 686. In July, from whose 1st 8 % count, 8340.8 → 8341: 112 601.
    @Test func theTaxIsThatOfTheLastDay() throws {
        #expect(try bill(6, of: 2023, 60).total == 114_686)
        #expect(try bill(7, of: 2023, 60).total == 112_601)
        // A change in mid-month counts for the whole: the meter is read on the last day.
        var tariff = try tariff()
        tariff.taxes.append(.init(from: try BillTests.date("2023-08-31"), value: 5))
        let august = try #require(CivilMonth(year: 2023, month: 8))
        #expect(try tariff.bill(for: august, consumption: 60, daysElapsed: 31).tax == 5213)
    }

    /// 50: 99 200. 51: 99 200 + 2050. 100: 201 700. 101: + 2380. 200: 439 700. 201: + 2998. 300: 739 500. 301: + 3350.
    /// 400: 1 074 500. 401: + 3460.
    @Test(arguments: [
        (0, 0), (50, 99_200), (51, 101_250), (100, 201_700), (101, 204_080), (200, 439_700), (201, 442_698),
        (300, 739_500), (301, 742_850), (400, 1_074_500), (401, 1_077_960),
    ])
    func eachStepsEdge(consumption: Int, net: Int) throws {
        #expect(try bill(6, of: 2025, Double(consumption)).net == Decimal(net))
    }

    /// 49.5 is 50 on a bill, 50.49 as well, and no binary fraction makes a difference.
    @Test func consumptionIsRoundedHalfUp() throws {
        #expect(try bill(6, of: 2025, 49.5).net == 99_200)
        #expect(try bill(6, of: 2025, 50.49).net == 99_200)
        #expect(try bill(6, of: 2025, 0.1 + 0.2).net == 0)
        #expect(throws: BillError.tooMuch) { try bill(6, of: 2025, .infinity) }
        #expect(throws: BillError.tooMuch) { try bill(6, of: 2025, -1) }
        #expect(throws: BillError.tooMuch) { try bill(6, of: 2025, .nan) }
    }

    /// On the 20th of May 2025 with 200 kWh: 200 ÷ 20 × 9 = 90 at the old prices as in the whole month, 110 at the new ones:
    /// 35 × 1984 + 35 × 2050 + 40 × 2380 = 236 390; together with 212 928 it is 449 318.
    @Test func soFarTheStepsAreThoseOfTheWholeMonth() throws {
        let bill = try bill(5, of: 2025, 200, elapsed: 20)
        #expect(bill.parts.map(\.consumption) == [90, 110])
        #expect(bill.net == 449_318)
        // Before the change there is nothing of the new price.
        #expect(try self.bill(5, of: 2025, 90, elapsed: 9).parts.map(\.days) == [1...9])
    }

    /// 31 000 a month until the 10th of July, 62 000 from the 11th: 31 000 × 10 ÷ 31 + 62 000 × 21 ÷ 31 = 10 000 + 42 000.
    @Test func aFeeIsSplitByDays() throws {
        let tariff = try tariff(fees: [
            .init(from: try BillTests.date("2025-01-01"), value: 31_000),
            .init(from: try BillTests.date("2025-07-11"), value: 62_000),
        ])
        let july = try #require(CivilMonth(year: 2025, month: 7))
        let bill = try tariff.bill(for: july, consumption: 10, daysElapsed: 31)
        #expect(bill.fee == 52_000)
        // 10 × 1984 + 52 000 = 71 840; 8 % 5747.2 → 5747
        #expect(bill.total == 77_587)
    }

    @Test func beforeTheFirstPriceThereIsNoBill() throws {
        let may = try #require(CivilMonth(year: 2023, month: 5))
        #expect(throws: BillError.noPrice(month: may, first: CivilDate("2023-05-04"))) {
            try tariff().bill(for: may, consumption: 1, daysElapsed: 31)
        }
    }

    @Test func datesAreReal() {
        #expect(CivilDate("2025-02-29") == nil)
        #expect(CivilDate("2024-02-29")?.description == "2024-02-29")
        for text in ["", "2024", "24-01-01", "2024-1-1", "2024-01-01 ", "2024-13-01", "+024-01-01", "二〇二四-01-01"] {
            #expect(CivilDate(text) == nil, "\(text)")
        }
        #expect(CivilMonth(year: 2024, month: 2)?.days == 29)
        #expect(CivilMonth(year: 2025, month: 12)?.days == 31)
    }
}
