/// Readings that wait to be sent, series by series, for formats that have a series' labels once before all of its samples.
struct SeriesColumns {
    private(set) var times: [[Int64]]
    private(set) var values: [[Double]]
    private(set) var samples = 0

    init(series: Int) {
        times = Array(repeating: [], count: series)
        values = Array(repeating: [], count: series)
    }

    mutating func add(_ time: Int64, _ series: [Int], _ values: [Double]) {
        for (index, value) in zip(series, values) {
            times[index].append(time)
            self.values[index].append(value)
        }
        samples += series.count
    }

    /// Keeps what memory it has.
    mutating func removeAll() {
        for index in times.indices {
            times[index].removeAll(keepingCapacity: true)
            values[index].removeAll(keepingCapacity: true)
        }
        samples = 0
    }
}
