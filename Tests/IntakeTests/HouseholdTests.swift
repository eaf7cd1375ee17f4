import Intake
import Testing

@Suite("Whose message a topic carries")
struct HouseholdTests {
    @Test(arguments: [
        ("city/{household}/#", "city/h1/tele/plug/SENSOR", "h1", "tele/plug/SENSOR"),
        ("{household}/#", "h1/a", "h1", "a"),
        ("city/+/{household}/#", "city/q7/h1/a/b", "h1", "a/b"),
        ("city/{household}/zigbee2mqtt/#", "city/h1/zigbee2mqtt/x", "h1", "zigbee2mqtt/x"),
        ("city/{household}/sensors/+", "city/h1/sensors/t", "h1", "sensors/t"),
    ])
    func aPatternFindsHouseholdAndRest(pattern: String, topic: String, household: String, rest: String) throws {
        #expect(HouseholdPattern(pattern)?.match(topic) == .household(household, rest: rest))
    }

    @Test(arguments: [
        ("city/{household}/#", "town/h1/a"), ("city/{household}/sensors/+", "city/h1/sensors/t/u"),
        ("city/{household}/#", "city"), ("city/{household}/sensors/+", "city/h1/motors/t"),
    ])
    func otherTopicsAreNotItsOwn(pattern: String, topic: String) throws {
        let parsed = try #require(HouseholdPattern(pattern))
        #expect(parsed.match(topic) == .none)
    }

    /// A household may mostly publish in its very place too; such a message must not land in the default household.
    @Test(arguments: [
        ("city/{household}/#", "city/h1"), ("city/{household}/#", "city//a"), ("city/{household}/#", "city/h1/"),
        ("city/{household}/sensors/+", "city/h1/sensors"), ("{household}/#", ""), ("{household}/#", "h1"),
    ])
    func aTopicInAHouseholdsPlaceIsNobodyElses(pattern: String, topic: String) throws {
        let parsed = try #require(HouseholdPattern(pattern))
        #expect(parsed.match(topic) == .incomplete)
        #expect(HouseholdRouter(patterns: [parsed], default: "home").route(topic) == nil)
    }

    @Test(arguments: [
        "", "#", "city/#", "{household}", "city/{household}", "a/{household}/{household}/#", "a/#/{household}/b",
        "a{household}/#", "{household}/b+/c", "{household}/{other}/#",
    ])
    func nonsenseIsNoPattern(text: String) {
        #expect(HouseholdPattern(text) == nil)
    }

    /// To Swift they are one character; to the broker, whose rules protect the household's level, two.
    @Test func aSlashWithAMarkBehindItIsASlash() throws {
        let pattern = try #require(HouseholdPattern("city/{household}/#"))
        #expect(pattern.match("city/h1/\u{301}x/y") == .household("h1", rest: "\u{301}x/y"))
        #expect(pattern.match("city/\u{301}h/y") == .household("\u{301}h", rest: "y"))
    }

    @Test func theFirstMatchingPatternCountsAndElseTheDefault() throws {
        let router = HouseholdRouter(
            patterns: try ["city/{household}/#", "{household}/x/#"].map { try #require(HouseholdPattern($0)) },
            default: "home")
        #expect(try #require(router.route("city/x/x/a")) == ("x", "x/a"))
        #expect(try #require(router.route("h/x/a")) == ("h", "x/a"))
        #expect(try #require(router.route("tele/plug/SENSOR")) == ("home", "tele/plug/SENSOR"))
    }
}
