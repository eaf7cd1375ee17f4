import Foundation
import QueryAPI
import RingStore
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
        .ambiguousMetric("x", device: "d", candidates: ["y", "z"]), .output(reason: "r"), .isDirectory(path: "/d"),
        .copyDamaged(path: "/p", count: 2, inBackup: 1),
        .backup(.notEmpty(path: "/d")), .backup(.brokenOff), .backup(.damaged),
        .backup(.inUse(path: "/d")), .backup(.noRoom(path: "/d", needed: 2, free: 1)),
        .backup(.fileSystem(FileError(operation: "mkdir", path: "/no/d", code: ENOENT))),
        .backup(.fileSystem(FileError(operation: "open", path: "/d", code: EACCES))),
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

    @Test func whatABackupNeedsIsSaid() {
        let interrupted = ClientError.backup(.notEmpty(path: "/d")).words.next?.english
        #expect(interrupted?.contains("may be deleted") == true)
        let above = ClientError.backup(.fileSystem(FileError(operation: "mkdir", path: "/no/d", code: ENOENT))).words
            .next
        #expect(above?.english.contains("mkdir -p") == true)
    }

    @Test func oneReadingIsOne() {
        let one = ImportReport(lines: 1, stored: 1, duplicates: 1, refused: [:])
        #expect(SampleReports.english(.imported(one)) == "1 reading stored, 1 was there already")
        #expect(SampleReports.english(.holds(series: 1, samples: 1)) == "1 series, 1 reading")
        #expect(SampleReports.english(.framesOf(kind: "headChunks", count: 1)) == "1 frame of chunks")
        #expect(SampleReports.vietnamese(.framesOf(kind: "headChunks", count: 2)) == "2 khung khối dữ liệu")
    }

    @Test func aClockThatIsAheadIsSaidSo() {
        #expect(SampleReports.english.age(-5000) == "0 s")
        #expect(SampleReports.english.age(-3 * 86_400_000) == "3 d ahead")
        #expect(SampleReports.english.ago(-3 * 86_400_000) == "3 d ahead")
        #expect(SampleReports.vietnamese.ago(7000) == "7 giây trước")
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
