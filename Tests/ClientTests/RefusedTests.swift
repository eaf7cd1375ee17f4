import Foundation
import QueryAPI
import TestSupport
import Testing

@testable import quantrac

@Suite("Refused messages are shown safely, in both languages")
struct RefusedTests {
    private static let report = RefusedReport(
        kept: 340, notKept: 7, matching: 12,
        messages: [
            message("tele/plug/SENSOR", "not_json", "ends too early", "{\"x\":\n\u{1B}[31m"),
            message("bếp/ảnh", "payload_too_large", "2 MiB", "/9j/", isCut: true),
            message("raw", "unknown_payload", "no text", nil),
        ])

    private static func message(
        _ topic: String, _ reason: String, _ detail: String, _ payload: String?, isCut: Bool = false
    ) -> RefusedReport.Message {
        RefusedReport.Message(
            id: 1, time: SampleReports.ago(60), household: "home", topic: topic, reason: reason, detail: detail,
            convention: "tasmota", retained: false, payload: payload, payloadBase64: payload == nil ? "/w==" : nil,
            payloadIsCut: isCut, payloadBytes: isCut ? 2_097_152 : 8, replayable: !isCut)
    }

    private func page(_ texts: Texts) -> RefusedPage {
        RefusedPage(report: RefusedTests.report, texts: texts, clock: SampleReports.clock)
    }

    @Test func table() {
        #expect(
            page(SampleReports.english).table().lines() == [
                "received  topic             reason             convention  what is wrong   payload",
                "14:02     tele/plug/SENSOR  not_json           tasmota     ends too early  {\"x\":\u{FFFD}\u{FFFD}[31m",
                "14:02     bếp/ảnh           payload_too_large  tasmota     2 MiB           /9j/… (2 MiB)",
                "14:02     raw               unknown_payload    tasmota     no text         8 bytes that are no text",
            ])
        #expect(
            page(SampleReports.vietnamese).table().lines().first
                == "nhận lúc  chủ đề            lý do              quy ước  sai ở đâu       nội dung")
    }

    @Test func csv() {
        let lines = page(SampleReports.english).csv()
        #expect(lines[1].contains(",tele/plug/SENSOR,not_json,tasmota,ends too early,false,\"{\"\"x\"\":\n"))
        #expect(lines[3].hasSuffix(",no text,false,,/w==,false,8,true"))
    }

    @Test func whatAReplayCameTo() {
        let report = ReplayReport(
            messages: 12, understood: 9, readings: 27, duplicates: 2, tooOld: 1, refused: ["not_json": 3], cut: 4,
            next: nil)
        #expect(
            SampleReports.english(.replayed(report))
                == "12 messages read again: 9 understood, 27 readings stored, 2 were there already, 1 are older than what is "
                + "kept; still refused: 3 × not valid JSON (not_json); 4 were too large to be kept whole and cannot be read "
                + "again")
        #expect(
            SampleReports.vietnamese(.replayed(report)).hasPrefix("đã đọc lại 12 tin: hiểu được 9 tin, lưu 27 số đo"))
    }

    private func run(_ arguments: [String], _ directory: TemporaryDirectory) async throws -> (Int32?, String) {
        let process = try ChildProcess(
            "quantrac", arguments, environment: ["QUANTRAC_SOCKET": directory.file("q.sock"), "LC_ALL": "C.UTF-8"],
            outputPath: directory.file(UUID().uuidString))
        return (try await process.waitForExit(timeout: .seconds(60)), process.output)
    }

    @Test func theCommandAsksForWhatItIsTold() async throws {
        let directory = try TemporaryDirectory()
        let list = String(decoding: try JSONEncoder().encode(RefusedTests.report), as: UTF8.self)
        let replay = #"{"messages":1,"understood":1,"readings":2,"duplicates":0,"tooOld":0,"refused":{},"cut":0}"#
        let daemon = try CannedDaemon(
            socketPath: directory.file("q.sock"),
            answers: [
                "/api/v1/refused": CannedDaemon.success(list), "/api/v1/refused/replay": CannedDaemon.success(replay),
            ])
        let (status, output) = try await run(["refused", "--reason", "not_json", "--topic", "a/#"], directory)
        #expect(status == 0)
        #expect(output.contains("tele/plug/SENSOR") && output.contains("3 of 12 shown, of 340 that are kept"))
        #expect(!output.contains("\u{1B}"))
        let (done, text) = try await run(["refused", "replay", "--topic", "a/+", "--lang", "vi"], directory)
        #expect(done == 0 && text.contains("đã đọc lại 1 tin"), "\(text)")
        let (first, json) = try await run(["--lang", "vi", "--format", "json", "refused", "replay"], directory)
        #expect(first == 0 && json.contains("\"readings\":2"), "\(json)")
        #expect(
            daemon.requests.map { $0.split(separator: " ")[1] } == [
                "/api/v1/refused?reason=not_json&topic=a%2F%23&limit=50&payload=256",
                "/api/v1/refused/replay?topic=a%2F%2B&from=0", "/api/v1/refused/replay?from=0",
            ], "\(daemon.requests)")
    }
}
