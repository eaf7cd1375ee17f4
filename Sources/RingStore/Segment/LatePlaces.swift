import Readings

/// The late samples of a head while it is sealed: those that find a place among the rows of their group are taken, the
/// others become late chunks.
struct LatePlaces {
    struct Samples {
        /// Ascending, each instant once.
        fileprivate(set) var samples: [Sample] = []
        private var isTaken: [Bool] = []
        private(set) var left = 0

        fileprivate init(_ samples: [Sample]) {
            self.samples = samples
            isTaken = Array(repeating: false, count: samples.count)
            left = samples.count
        }

        mutating func take(_ index: Int) {
            if !isTaken[index] { left -= 1 }
            isTaken[index] = true
        }

        /// Those not taken yet between two instants.
        func indices(from first: Int64, through last: Int64) -> [Int] {
            var low = 0
            var high = samples.count
            while low < high {
                let middle = (low + high) / 2
                if samples[middle].time.milliseconds < first { low = middle + 1 } else { high = middle }
            }
            var found: [Int] = []
            while low < samples.count, samples[low].time.milliseconds <= last {
                if !isTaken[low] { found.append(low) }
                low += 1
            }
            return found
        }

        var rest: [Sample] { samples.indices.filter { !isTaken[$0] }.map { samples[$0] } }
    }

    private(set) var series: [UInt32: Samples] = [:]
    /// Samples that are not taken.
    private(set) var left = 0

    init(_ head: Head, _ decoder: ChunkDecoder) {
        for number in head.late.keys {
            guard let late = head.late[number] else { continue }
            // Later ones override earlier ones at the same instant.
            var byTime: [Int64: Double] = [:]
            var decoded: [Sample] = []
            for chunk in late.chunks {
                decoded.removeAll(keepingCapacity: true)
                chunk.bytes.withUnsafeBytes { bytes in
                    try? decoder.appendSamples(bytes, column: 0, to: &decoded)
                }
                for sample in decoded { byTime[sample.time.milliseconds] = sample.value }
            }
            for sample in late.samples { byTime[sample.time.milliseconds] = sample.value }
            let samples = byTime.map { Sample(time: Timestamp(milliseconds: $0.key), value: $0.value) }
            guard !samples.isEmpty else { continue }
            series[number] = Samples(samples.sorted { $0.time < $1.time })
            left += samples.count
        }
    }

    /// Adds samples of rows that came late, where there is none at the same instant: such a one came later.
    mutating func add(_ number: UInt32, _ times: some Collection<Int64>, _ values: some Collection<Double>) {
        let known = series[number] ?? Samples([])
        var samples: [Sample] = []
        samples.reserveCapacity(known.samples.count + times.count)
        for (time, value) in zip(times, values) {
            let sample = Sample(time: Timestamp(milliseconds: time), value: value)
            if known.indices(from: time, through: time).isEmpty { samples.append(sample) }
        }
        left -= known.left
        samples = (samples + known.rest).sorted { $0.time < $1.time }
        series[number] = Samples(samples)
        left += samples.count
    }

    /// What a segment needs at most for those that are left.
    var mostBytes: Int { left * 18 + series.count * 160 }

    /// Puts late samples among the rows of a window: in the place of a row's value; and as rows of their own, if the
    /// group's series have no rows of another group that could have the same instants, and `from` is not before their
    /// first row in the head, so that what earlier segments hold is earlier.
    mutating func merge(into window: RowWindow, of columns: [UInt32], insertingFrom from: Int64?, room: Int) {
        guard left > 0, columns.contains(where: { (series[$0]?.left ?? 0) > 0 }) else { return }
        for (column, number) in columns.enumerated() {
            guard series[number] != nil else { continue }
            let before = series[number]?.left ?? 0
            series[number].map { samples in
                var samples = samples
                window.replace(column, with: &samples)
                series[number] = samples
            }
            left -= before - (series[number]?.left ?? 0)
        }
        guard let from, let through = window.times.last, from <= through else { return }
        insert(into: window, columns, from: from, through: through, room: room)
    }

    /// Instants at which all columns have a late sample become rows.
    private mutating func insert(
        into window: RowWindow, _ columns: [UInt32], from: Int64, through: Int64, room: Int
    ) {
        guard columns.allSatisfy({ (series[$0]?.left ?? 0) > 0 }), let first = columns.first else { return }
        var common: [Int64: [Int]] = [:]
        for index in series[first]?.indices(from: from, through: through) ?? [] {
            common[series[first]?.samples[index].time.milliseconds ?? 0] = [index]
        }
        for number in columns.dropFirst() {
            guard let samples = series[number] else { return }
            for index in samples.indices(from: from, through: through) {
                common[samples.samples[index].time.milliseconds]?.append(index)
            }
        }
        let whole = common.filter { $0.value.count == columns.count }.sorted { $0.key < $1.key }.prefix(max(0, room))
        guard !whole.isEmpty else { return }
        var values: [[Double]] = []
        for (column, number) in columns.enumerated() {
            values.append(whole.map { series[number]?.samples[$0.value[column]].value ?? .nan })
            for (_, indices) in whole { series[number]?.take(indices[column]) }
        }
        left -= whole.count * columns.count
        window.insert(whole.map(\.key), values)
    }
}
