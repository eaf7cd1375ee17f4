import Testing

@testable import PayloadDecoders

@Suite("JSON is read by RFC 8259 to the letter")
struct JSONTests {
    private func fault(_ bytes: [UInt8]) -> JSONFault? {
        bytes.withUnsafeBytes { buffer in
            var tape = JSONTape()
            var keys = FieldKeyTable.empty
            do throws(JSONFault) {
                try tape.scan(buffer, keys: &keys)
                return nil
            } catch {
                return error
            }
        }
    }

    private func read<Result>(_ text: String, _ body: (JSONValue) -> Result) throws -> Result {
        var tape = JSONTape()
        var keys = FieldKeyTable.empty
        return try Array(text.utf8).withUnsafeBytes { bytes in
            try tape.scan(bytes, keys: &keys)
            let result = tape.withValue(of: bytes, body)
            return try #require(result)
        }
    }

    @Test(arguments: [
        "{}", "[]", " \t\r\n{ } ", "0", "-0.0e-0", "1E+5", "\"\"", "true", "null", "[1,2,[3,{}]]", "{\"\":{\"a\":[]}}",
        "\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\ud83c\\udf6d\"", "\"\\ud83c\"", "\"\u{7F}é🍭\"",
    ])
    func accepted(text: String) {
        #expect(fault(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[", "\"", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[1,", "\"\\", "\"\\u12", "tru", "-",
    ])
    func truncated(text: String) {
        #expect(fault(Array(text.utf8)) == .truncated)
    }

    @Test(arguments: [
        "NaN", "nan", "Infinity", "+1", "01", ".5", "5.", "1e", "0x1", "'a'", "{a:1}", "{\"a\" 1}", "{\"a\":1,}",
        "[1,]",
        "[1 2]", "{\"a\":NaN}", "trueX", "{} {}", "{}x", "\"a\u{1}\"", "\"a\nb\"", "\"\\x\"", "\"\\u12G4\"", "[,]",
        "{,}",
        "}", "]", "\u{FEFF}{}", "{}\0",
    ])
    func refused(text: String) {
        let fault = fault(Array(text.utf8))
        #expect(fault != nil)
        if text != "1e" { #expect(fault?.refusal.reason == .notJSON || fault?.refusal.reason == .invalidUTF8) }
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xC3],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(fault([0x22] + bytes + [0x22]) == .invalidUTF8(position: 1))
        #expect(bytes.withUnsafeBytes { UTF8Bytes.firstFault($0) } == 0)
    }

    @Test func validUTF8() {
        let text = "aé€🍭\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{D7FF}\u{E000}"
        #expect(withBytes(text) { UTF8Bytes.firstFault($0) } == nil)
    }

    @Test func depthIsBounded() {
        let deepest = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(fault(Array(deepest.utf8)) == nil)
        #expect(fault(Array(("[" + deepest + "]").utf8)) == .nestedTooDeep(position: 32))
        #expect(fault(Array(String(repeating: "{\"a\":", count: 60_000).utf8)) == .nestedTooDeep(position: 160))
    }

    @Test func theNumberOfValuesIsBounded() {
        let many = "[" + String(repeating: "1,", count: DecoderLimits.jsonValues) + "1]"
        #expect(fault(Array(many.utf8))?.refusal.reason == .tooManyValues)
    }

    @Test func textsAreUnescaped() throws {
        let text = try read(#"["a\"\\\/\b\f\n\r\tAé🍭","\ud83c!","plain","\udf6d"]"#) { json in
            json.elements.map { $0.text ?? "" }
        }
        #expect(text == ["a\"\\/\u{8}\u{C}\n\r\tAé🍭", "\u{FFFD}!", "plain", "\u{FFFD}"])
    }

    @Test func membersAreFoundByKey() throws {
        try read(#"{"a":{"b":[1,"x",null]},"c\u0064":7,"e":true}"#) { json in
            #expect(json["a"]?["b"]?.count == 3)
            #expect(json["cd"]?.number == 7)
            #expect(json["e"]?.number == 1)
            #expect(json["f"] == nil)
            #expect(json["a"]?["b"]?["c"] == nil)
            #expect(json["a"]?["b"]?.elements.map(\.kind) == [.number, .string, .null])
        }
    }

    @Test func ofADuplicateKeyTheLastOneCounts() throws {
        try read(#"{"a":{"x":1},"b":2,"a":{"y":3},"\u0061":4,"b":5}"#) { json in
            #expect(json.members.map { key, _ in key.text } == ["a", "b"])
            #expect(json["a"]?.number == 4)
            #expect(json["b"]?.number == 5)
        }
    }

    /// Beyond two dozen members another way of comparing takes over.
    @Test(arguments: [2, 24, 25, 5000])
    func duplicatesAreFoundInObjectsOfAnySize(count: Int) throws {
        let once = (0..<count).map { "\"k\($0)\":1" }
        let text = "{" + (once + ["\"k0\":2", "\"\\u006b1\":3"]).joined(separator: ",") + "}"
        try read(text) { json in
            #expect(Array(json.members).count == count)
            #expect(json["k0"]?.number == 2)
            #expect(json["k1"]?.number == 3)
        }
    }

    @Test func theTapeServesMessageAfterMessage() throws {
        var tape = JSONTape()
        var keys = FieldKeyTable.empty
        for text in [#"{"a":1}"#, "[", #"[1,2]"#, "{}"] {
            let count: Int? = withBytes(text) { bytes in
                try? tape.scan(bytes, keys: &keys)
                return tape.withValue(of: bytes) { $0.count }
            }
            #expect(count == [#"{"a":1}"#: 1, "[1,2]": 2, "{}": 0][text])
        }
    }

    /// Keys with escapes are compared where they lie.
    @Test(arguments: [
        (#"\u0061b"#, "ab", true), (#"a\u0062"#, "ab", true), (#"\u0061"#, "ab", false), (#"\u0061bc"#, "ab", false),
        (#"\ud83c\udf6d\n"#, "🍭\n", true), (#"\ud83c"#, "\u{FFFD}", true), (#"\"\\\/"#, "\"\\/", true),
        (#"\u1ec7"#, "ệ", true), (#"\u1ec7"#, "é", false),
    ])
    func escapedKeysAreFoundByTheirText(key: String, word: String, isSame: Bool) throws {
        let found = try read("{\"\(key)\":1}") { json in json.members.contains { name, _ in name.isSame(word) } }
        #expect(found == isSame)
        #expect(try read("{\"\(key)\":1}") { json in json.members.map { name, _ in name.text == word } } == [isSame])
    }
}
