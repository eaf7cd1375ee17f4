import Testing

@testable import quantrac

@Suite("Numbers are the shortest that say what was measured")
struct NumberTests {
    @Test(arguments: [
        (21.299999237060547, "21.3"), (0.1 + 0.2, "0.3"), (-18.4, "-18.4"), (0, "0"), (-0.0, "0"), (5, "5"),
        (1234567.891, "1234567.89"), (123456789.123, "123456789.12"), (0.000123456789, "0.0001234568"), (1e-7, "1e-07"),
        (1e15, "1e+15"), (2.5e20, "2.5e+20"), (999999.999, "1000000"), (99999.99, "99999.99"), (100, "100"),
        (-0.00001, "-1e-05"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0.05, "0.05"),
    ])
    func readable(_ value: Double, _ text: String) {
        #expect(NumberText.readable(value) == text)
    }

    @Test func aMeanHasADigitMoreThanItsNumbers() {
        #expect(NumberText.mean(-9.5633333333, of: -13.69, -5.69) == "-9.563")
        #expect(NumberText.mean(-18.5, of: -19, -18) == "-18.5")
        #expect(NumberText.mean(1 / 3, of: 0, 1) == "0.3")
        #expect(NumberText.mean(21, of: 20.5, 21.5) == "21")
        #expect(NumberText.mean(.nan, of: 1, 2) == "NaN")
        #expect(NumberText.mean(1e20, of: 1e20, 1e20) == "1e+20")
    }

    @Test func exactReadsBack() {
        for value in [0.1, 21.299999237060547, 5, -18.4, 1e300, .leastNonzeroMagnitude, 123456789.125] {
            #expect(Double(NumberText.exact(value)) == value)
        }
        #expect(NumberText.exact(5) == "5")
        #expect(NumberText.exact(.nan) == "NaN")
        #expect(NumberText.exact(-.infinity) == "-Inf")
    }

    @Test func countsAndBytes() {
        #expect(NumberText.grouped(0) == "0")
        #expect(NumberText.grouped(999) == "999")
        #expect(NumberText.grouped(1_234_567) == "1 234 567")
        #expect(NumberText.grouped(.max) == "18 446 744 073 709 551 615")
        #expect(NumberText.bytes(0) == "0 B")
        #expect(NumberText.bytes(1023) == "1023 B")
        #expect(NumberText.bytes(1536) == "1.5 KiB")
        #expect(NumberText.bytes(512 << 20) == "512 MiB")
        #expect(NumberText.bytes((1 << 20) - 1) == "1 MiB")
        #expect(NumberText.bytes(.max) == "16777216 TiB")
        #expect(NumberText.fixed(-0.04, decimals: 1) == "0.0")
    }

    @Test func unitsAreThoseOfPeople() {
        #expect(UnitText.value(21.5, unit: "Cel") == "21.5 °C")
        #expect(UnitText.value(180, unit: "deg") == "180°")
        #expect(UnitText.value(3, unit: "1") == "3")
        #expect(UnitText.value(3, unit: nil) == "3")
        #expect(UnitText.value(12, unit: "ug/m3") == "12 µg/m³")
        #expect(UnitText.value(12, unit: "a\u{1B}") == "12 a\u{FFFD}")
    }
}
