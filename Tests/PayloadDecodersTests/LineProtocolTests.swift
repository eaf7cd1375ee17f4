import Readings
import Testing

@testable import PayloadDecoders

@Suite("Line protocol: each line a point, each number or flag in it a reading")
struct LineProtocolTests {
    private func send(_ payload: String, retained: Bool = false) -> DecodedMessage {
        var household = Household()
        return household.send("farm/in", payload, retained: retained)
    }

    @Test func fieldsOfEachTypeButTexts() {
        let decoded = send(
            #"pump a=1,b=-2.5e-1,c=7i,d=-7i,e=18446744073709551615u,f=t,g=False,h="8",i="a, b=c \" d",value=9"#)
        #expect(decoded.convention == .lineProtocol && decoded.refusal == nil)
        #expect(
            decoded.summary == [
                "farm/in pump 9.0 -", "farm/in pump_a 1.0 -", "farm/in pump_b -0.25 -", "farm/in pump_c 7.0 -",
                "farm/in pump_d -7.0 -", "farm/in pump_e 1.8446744073709552e+19 -", "farm/in pump_f 1.0 -",
                "farm/in pump_g 0.0 -",
            ])
    }

    @Test(arguments: ["t", "T", "true", "True", "TRUE"], ["f", "F", "false", "False", "FALSE"])
    func flags(yes: String, no: String) {
        #expect(send("m a=\(yes),b=\(no)").readings.map(\.value) == [1, 0])
    }

    @Test func tagsInAnotherOrderAreTheSameLabels() {
        let labels = ["m,device=d,b=2,a=1 x=1", "m,a=1,device=d,b=2 x=1"].map { send($0).readings.map(\.labels) }
        #expect(labels == [[[Label("a", "1"), Label("b", "2")]], [[Label("a", "1"), Label("b", "2")]]])
    }

    @Test func tagsWithANameOfOurOwnAreNoLabels() {
        let decoded = send("m,id=d,household=h,__name__=x,device=e x=1")
        #expect(decoded.readings.map(\.device) == ["e"])
        #expect(decoded.readings.map(\.labels) == [[Label("id", "d")]])
        #expect(send("m,household=h x=1").readings.map(\.device) == ["h"])
    }

    @Test func aTagNamesTheDeviceAndTheOthersAreLabels() {
        let decoded = send("tank,site=a,host=pi,device_id=t1 level=3")
        #expect(decoded.summary == ["t1 tank_level 3.0 -"])
        #expect(decoded.readings.map(\.labels) == [[Label("host", "pi"), Label("site", "a")]])
        #expect(send("tank,zone=n,row=2 level=3").readings.map(\.device) == ["n/2"])
        #expect(send("tank,zone=n,row=2 level=3").readings.map(\.labels.count) == [2])
    }

    @Test func escapes() {
        let decoded = send(#"ao\ ca\,1,v\ ùng=b\=\,c\ d,sensor=s\1\ x độ\ ẩm\=q=4,k="\\" 1795420800"#)
        #expect(decoded.summary == [#"s\1 x ao_ca_1_do_am_q 4.0 -"#])
        #expect(decoded.readings.map(\.labels) == [[Label("v ùng", "b=,c d")]])
    }

    @Test(
        arguments: [
            ("1795420799", 1_795_420_799_000), ("1795420799123", 1_795_420_799_123),
            ("1795420799123999", 1_795_420_799_123),
            ("1795420799123999999", 1_795_420_799_123), ("0", 1_795_420_800_000),
            ("9223372036854775807", 1_795_420_800_000),
            ("-1795420799", 1_795_420_800_000),
        ] as [(String, Int64)])
    func timesByMagnitude(written: String, milliseconds: Int64) {
        #expect(send("m x=1 \(written)").times == [Timestamp(milliseconds: milliseconds)])
    }

    @Test func retainedLinesNeedATime() {
        #expect(send("m x=1\nm y=2 1795420799", retained: true).summary == ["farm/in m_y 2.0 -"])
    }

    @Test func linesEndAndBeginAsTheyLike() {
        let decoded = send("# told by hand\r\n\n  a x=1 1795420799\r\n\t b   x=2   \n#\nc x=\"one\ntwo\",y=3\n")
        #expect(decoded.summary == ["farm/in a_x 1.0 -", "farm/in b_x 2.0 -", "farm/in c_y 3.0 -"])
    }

    /// None of these spoils its neighbours.
    @Test(arguments: [
        "m", "m ", "m x", "m x=", "m x=1,", "m x=abc", "m =1", ",t=a x=1", "m,t x=1", "m,=a x=1", "m, x=1", "m x=1 abc",
        "m x=1 1.5", "m x=1 17 18", "m x=\"a", "m x=\"a\"b", "m x=1i5", "m x=9223372036854775808i", "m x=-1u", "m x=i",
        "m x=0x10", "m x=1 99999999999999999999", "m\u{7},device=a\u{202E} x=1",
    ])
    func aBadLineIsLeftOut(line: String) {
        #expect(send("a x=1\n\(line)\nb x=2").summary == ["farm/in a_x 1.0 -", "farm/in b_x 2.0 -"])
        let alone = send(line)
        #expect(alone.readings.isEmpty && alone.refusal != nil)
    }

    @Test func aFieldThatIsNoNumberIsLeftOut() {
        #expect(send("m x=1e400,y=NaN,z=1").summary == ["farm/in m_z 1.0 -"])
        #expect(send("m id=4,time=5,Serial=6,z=1").summary == ["farm/in m_z 1.0 -"])
    }

    @Test func ofAFieldThatComesTwiceTheLastCounts() {
        #expect(send("m x=1,y=2,x=3").summary == ["farm/in m_x 3.0 -", "farm/in m_y 2.0 -"])
        #expect(send("m,t=1,t=2 x=1").readings.map(\.labels) == [[Label("t", "2")]])
        #expect(send("m,t= x=1").readings.map(\.labels) == [[]])
    }

    @Test func limits() {
        let tags = (0..<33).map { ",t\($0)=v" }.joined()
        #expect(send("m\(tags) x=1").refusal != nil)
        let fields = (0..<300).map { "f\($0)=1" }.joined(separator: ",")
        #expect(send("m \(fields)").refusal?.reason == .tooManyReadings)
        #expect(send("m,device=\(String(repeating: "d", count: 129)) x=1").refusal?.reason == .invalidName)
    }

    @Test func otherTextsStayWhatTheyAre() {
        #expect(send("hello").refusal?.reason == .unknownPayload)
        #expect(send("# only a remark").refusal?.reason == .unknownPayload)
        #expect(send("21.5").convention == .generic)
    }
}
