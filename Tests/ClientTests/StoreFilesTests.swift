import Foundation
import QueryAPI
import TestSupport
import Testing

@testable import quantrac

@Suite struct ThePlanIsSaidInWords {
    private let tiers = [
        RetentionTierReport(name: "raw", bytes: 300 << 20, days: 45, oldest: nil),
        RetentionTierReport(name: "1m", bytes: 60 << 20, days: 548, oldest: nil),
        RetentionTierReport(name: "1h", bytes: 90 << 20, days: 7305, oldest: nil),
    ]

    @Test func asInTheIssue() {
        #expect(SampleReports.english.plan(tiers) == "raw 45 days, 1 min 1.5 years, 1 h 20 years at today's rate")
        #expect(
            SampleReports.vietnamese.plan(tiers)
                == "gốc 45 ngày, 1 phút 1.5 năm, 1 giờ 20 năm với tốc độ hiện nay")
    }

    @Test func aTierThatIsNotKeptIsLeftOutAndAnUnknownOneSaidSo() {
        var fewer = tiers
        fewer[1].bytes = 0
        #expect(SampleReports.english.plan(fewer) == "raw 45 days, 1 h 20 years at today's rate")
        fewer[2].days = nil
        #expect(SampleReports.english.plan(fewer).contains("too little"))
        #expect(SampleReports.english.reach(days: 0.5) == "12 hours")
        #expect(SampleReports.english.reach(days: 0.3 / 24) == "18 min")
        #expect(SampleReports.vietnamese.reach(days: 0) == "0 phút")
        #expect(
            SampleReports.english.reach(days: 3.25) == "3.3 days"
                || SampleReports.english.reach(days: 3.25) == "3.2 days")
        #expect(SampleReports.english.reach(days: .infinity) == "?")
    }

    @Test func itStandsInTheStatus() {
        var report = SampleReports.status
        report.store.plan = tiers
        report.store.sync = .init(windowSeconds: 10, isAutomatic: true, syncSeconds: 0.0124, disk: "card")
        let page = StatusPage(
            report: report, texts: SampleReports.english, clock: SampleReports.clock, terminal: .pipe)
        let text = page.lines().joined(separator: "\n")
        #expect(text.contains("raw 45 days, 1 min 1.5 years, 1 h 20 years at today's rate"))
        #expect(text.contains("synced within 10 s (chosen by the disk); a sync takes 12 ms"), "\(text)")
        #expect(StatusCSV.lines(report).contains("store.plan.raw.days,45"))
    }
}

@Suite struct AFileIsSentInPartsOfWholeRecords {
    private func parts(_ text: String) throws -> [ImportReader.Part] {
        let directory = try TemporaryDirectory()
        var reader = try ImportReader(path: try directory.write(text, to: "file"), isCSV: nil)
        var parts: [ImportReader.Part] = []
        while let part = try reader.next() { parts.append(part) }
        return parts
    }

    @Test func linesOfJSON() throws {
        let line = "{\"x\":\"" + String(repeating: "a", count: 1000) + "\"}\n"
        let text = String(repeating: line, count: 3000)
        let parts = try parts(text)
        #expect(parts.count > 1 && parts.allSatisfy { $0.format == "jsonl" && $0.bytes.last == 0x0A })
        #expect(parts.flatMap(\.bytes) == Array(text.utf8))
        var first = 1
        for part in parts {
            #expect(part.firstLine == first)
            first += part.bytes.count { $0 == 0x0A }
        }
    }

    /// The header goes before each part, and a line break between quotes ends nothing.
    @Test func rowsOfCSV() throws {
        let header = "metric,value\n"
        let row = "\"a\nb\"," + String(repeating: "1", count: 1000) + "\n"
        let parts = try parts(header + String(repeating: row, count: 3000))
        #expect(parts.count > 1)
        for part in parts {
            #expect(part.format == "csv")
            #expect(part.bytes.starts(with: header.utf8))
            #expect((part.bytes.count - header.utf8.count).isMultiple(of: row.utf8.count))
        }
        // The header's line is counted once.
        #expect(parts[1].firstLine == parts[0].bytes.count { $0 == 0x0A })
    }

    @Test func aFileThatIsNotThere() {
        #expect(throws: ClientError.self) { try ImportReader(path: "/nonexistent/file", isCSV: nil) }
    }

    @Test func aDirectoryIsNoFile() {
        #expect(throws: ClientError.isDirectory(path: "/tmp")) { try ImportReader(path: "/tmp", isCSV: nil) }
    }
}
