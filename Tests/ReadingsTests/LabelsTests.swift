import Readings
import TestSupport
import Testing

@Suite("Labels identify a series, whatever the order they come in")
struct LabelsTests {
    @Test("order and empty values do not matter, of equal names the last counts")
    func identity() {
        var random = SeededGenerator(seed: 0x1A)
        let labels = ["a", "b", "c", "d"].map { Label($0, $0 + "1") }
        let due = Labels(labels)
        for _ in 0..<50 {
            let shuffled = Labels(labels.shuffled(using: &random) + [Label("none", "")])
            #expect(shuffled == due && shuffled.hashValue == due.hashValue, "seed \(random.seed)")
        }
        #expect(Labels([Label("a", "1"), Label("a", "2")]) == ["a": "2"])
        #expect(Labels([Label("a", "1"), Label("a", "")]) == [:])
        #expect(due.sorted.map(\.name) == ["a", "b", "c", "d"])
    }

    @Test("labels are read, set and taken away by name")
    func access() {
        let labels: Labels = ["__name__": "temperature", "household": "home", "device": "freezer"]
        #expect(labels.metric == "temperature" && labels.household == "home" && labels.device == "freezer")
        #expect(labels["room"] == nil)
        #expect(labels.setting("room", to: "cellar")["room"] == "cellar")
        #expect(labels.setting("device", to: nil) == ["__name__": "temperature", "household": "home"])
        #expect(labels.setting("device", to: "") == labels.setting("device", to: nil))
    }

    @Test(
        "the text is what PromQL reads",
        arguments: [
            (["__name__": "up"], "up"), ([:], "{}"), (["a": "1"], #"{a="1"}"#),
            (["__name__": "up", "b": "2", "a": "x\"y\\z\n"], #"up{a="x\"y\\z\n",b="2"}"#),
            (["__name__": "độ ẩm", "phòng": "bếp"], #"{"độ ẩm","phòng"="bếp"}"#),
            (["__name__": "room:temperature:max", "9a": "1"], #"room:temperature:max{"9a"="1"}"#),
        ] as [(Labels, String)])
    func text(labels: Labels, due: String) {
        #expect(labels.description == due)
    }
}

@Suite("A label condition holds for a value or does not; an absent label counts as empty")
struct LabelMatcherTests {
    @Test("the four operators")
    func operators() throws {
        let labels: Labels = ["room": "kitchen"]
        #expect(try LabelMatcher("room", .equal, "kitchen").matches(labels))
        #expect(try !LabelMatcher("room", .equal, "kitch").matches(labels))
        #expect(try LabelMatcher("room", .notEqual, "cellar").matches(labels))
        #expect(try LabelMatcher("room", .matches, "kit.*|cellar").matches(labels))
        #expect(try !LabelMatcher("room", .matches, "kit").matches(labels))
        #expect(try LabelMatcher("room", .doesNotMatch, "kit").matches(labels))
        #expect(try !LabelMatcher("room", .doesNotMatch, "kit.+").matches(labels))
        #expect(try LabelMatcher("floor", .equal, "").matches(labels))
        #expect(try LabelMatcher("floor", .matches, ".*").matches(labels))
        #expect(try !LabelMatcher("floor", .matches, ".+").matches(labels))
        #expect(try LabelMatcher("room", .matches, "a\"b").description == #"room=~"a\"b""#)
        #expect(LabelMatcher("room", equals: "kitchen").matches("kitchen"))
    }

    @Test("a bad expression is refused, but only where an expression is meant")
    func badExpression() throws {
        #expect(throws: LinearRegexError.self) { try LabelMatcher("room", .matches, "(") }
        #expect(throws: LinearRegexError.self) { try LabelMatcher("room", .doesNotMatch, "[") }
        #expect(try LabelMatcher("room", .equal, "(").matches("("))
    }
}
