import Foundation
import Readings

/// Tables of real sensors, read from files: every column that holds numbers is a metric.
struct RecordedData: ReadingSet {
    struct Row {
        var time: Int64
        var series: [Int]
        var values: [Double]
    }

    /// Columns that are no sensor's: numbers of rows, times told twice, and columns of random numbers that the authors of the
    /// appliances data added. Left out in the rows that say so.
    static let notSensors: Set<String> = ["measurement", "entry_id", "relative_s", "NSM", "rv1", "rv2"]

    let name: String
    private(set) var series: [Labels] = []
    private(set) var rows: [Row] = []
    private(set) var readings = 0

    /// Reads `files`, one after the other, as an import of histories would; each in the order of time.
    ///
    /// The room climate's measurements were joined by their numbers, and some are eight days older than those before: nobody
    /// got them late, and a quarter of late rows would be measured instead of its numbers.
    init(name: String, files: [String], leavingOut omitted: Set<String> = []) throws {
        self.name = name
        for file in files { try add(RecordedTable(path: file), leavingOut: omitted) }
    }

    /// The tables in `directory`, by name.
    static func files(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory)
            .filter { $0.hasSuffix(".csv") || $0.hasSuffix(".csv.zst") }
            .sorted().map { directory + "/" + $0 }
    }

    func forEachRow(_ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void) throws {
        for row in rows { try body(row.time, row.series, row.values) }
    }

    private mutating func add(_ table: RecordedTable, leavingOut omitted: Set<String>) throws {
        // A table of several nodes has a column that names them: each is a device of its own, with its own messages.
        let device = table.columns.firstIndex(of: "node")
        var numbers: [String: [Int?]] = [:]
        var rows: [Row] = []
        try table.forEachLine { time, cells in
            let name = table.name + (device.map { $0 < cells.count ? "-" + cells[$0] : "" } ?? "")
            var row = Row(time: time, series: [], values: [])
            for (column, cell) in cells.enumerated() {
                guard column != table.timeColumn, column != device, !omitted.contains(table.columns[column]),
                    let value = Double(cell)
                else { continue }
                if numbers[name] == nil { numbers[name] = Array(repeating: nil, count: table.columns.count) }
                let number = numbers[name]?[column] ?? series.count
                if number == series.count {
                    series.append(["__name__": table.columns[column], "device": name, "household": "recorded"])
                    numbers[name]?[column] = number
                }
                row.series.append(number)
                row.values.append(value)
            }
            guard !row.series.isEmpty else { return }
            readings += row.series.count
            rows.append(row)
        }
        self.rows += rows.inOrderOfTime()
    }
}

extension [RecordedData.Row] {
    /// Rows at the same instant stay as they are.
    fileprivate func inOrderOfTime() -> [RecordedData.Row] {
        indices.sorted { (self[$0].time, $0) < (self[$1].time, $1) }.map { self[$0] }
    }
}
