import Testing

@testable import quantrac

@Suite("Everything is said in English and in Vietnamese")
struct TextsTests {
    static let errors: [ClientError] = [
        .socketMissing(path: "/s"), .socketRefused(path: "/s"), .socketForbidden(path: "/s"),
        .socketPathTooLong(path: "/s"), .notASocket(path: "/s"), .unreachable(address: "/s", reason: "r"),
        .timedOut(address: "/s"), .cutOff(reason: "r"), .unauthorised(message: "m"),
        .notQuantrac(address: "/s", status: 404), .unreadable(reason: "r"), .badURL("u"), .tokenWithoutURL,
        .tokenOverPlainHTTP("u"), .tokenFile(path: "/t", reason: "r"), .badInstant(option: "--at", text: "x"),
        .badStep("x"), .badFormat("table", allowed: ["jsonl", "csv"]), .emptyRange(since: "a", until: "b"),
        .tooManySteps(least: "5m"), .stepWithoutSince, .noDevices,
        .unknownHousehold("x", all: ["home"]), .unknownDevice("x", nearest: []), .unknownDevice("x", nearest: ["y"]),
        .ambiguousDevice("x", candidates: ["y", "z"]), .deviceInHouseholds("x", households: ["y", "z"]),
        .unknownMetric("x", device: "d", nearest: [], all: ["y"]),
        .unknownMetric("x", device: "d", nearest: ["y"], all: ["y"]),
        .ambiguousMetric("x", device: "d", candidates: ["y", "z"]), .output(reason: "r"),
        .copyDamaged(path: "/p", count: 2, inBackup: 1),
    ]

    @Test(arguments: errors)
    func errorsSayWhatAndWhatNext(_ error: ClientError) {
        let (what, next) = error.words
        #expect(what.english != what.vietnamese)
        for words in [what, next].compactMap({ $0 }) { #expect(!words.english.isEmpty && !words.vietnamese.isEmpty) }
        switch error {
        case .noDevices, .output: break
        default: #expect(next != nil)
        }
        #expect(error.description.hasPrefix(what.english))
    }

    @Test func theDaemonsOwnWordsStayAsTheyAre() {
        #expect(ClientError.daemon(message: "1:5: parse error").description == "1:5: parse error")
    }

    @Test func missesSuggest() {
        let error = ClientError.unknownDevice("tu dog", nearest: ["Tủ đông", "plug"])
        #expect(error.words.next?.english == "Did you mean 'Tủ đông' or 'plug'?")
        #expect(error.words.next?.vietnamese == "Có phải bạn muốn 'Tủ đông' hoặc 'plug'?")
        let many = ClientError.ambiguousDevice("x", candidates: (1...20).map { "d\($0)" })
        #expect(many.words.what.english.hasSuffix("d11, d12, …."))
    }

    @Test func codesOfANewerDaemonStandForThemselves() {
        #expect(DaemonCode.refusal("brand_new").vietnamese == "brand_new")
        #expect(DaemonCode.refusal("not_json").vietnamese == "không phải JSON hợp lệ (not_json)")
        #expect(DaemonCode.advice("brand_new") == nil)
        #expect(SampleReports.vietnamese(.alertState("sleeping")) == "sleeping")
        #expect(SampleReports.english(.dayAndMonth(day: 3, month: 12)) == "Dec 3")
        #expect(SampleReports.english(.dayAndMonth(day: 3, month: 13)) == "13 3")
    }
}
