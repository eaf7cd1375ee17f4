import Readings

/// Readings as the body of Prometheus's remote write, version 1: a protobuf message in snappy's block format.
struct RemoteWriteRequest {
    /// Each as `TimeSeries` begins: its labels.
    private let labels: [[UInt8]]
    private var columns: SeriesColumns

    init(_ series: [Labels]) {
        labels = series.map { labels in
            labels.sorted.reduce(into: []) { bytes, label in
                var pair: [UInt8] = []
                RemoteWriteRequest.append(field: 1, Array(label.name.utf8), to: &pair)
                RemoteWriteRequest.append(field: 2, Array(label.value.utf8), to: &pair)
                RemoteWriteRequest.append(field: 1, pair, to: &bytes)
            }
        }
        columns = SeriesColumns(series: series.count)
    }

    mutating func add(_ time: Int64, _ series: [Int], _ values: [Double]) { columns.add(time, series, values) }

    /// The body; afterwards there are no readings.
    mutating func take() -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(columns.samples * 24)
        var series: [UInt8] = []
        for index in labels.indices where !columns.times[index].isEmpty {
            series.removeAll(keepingCapacity: true)
            series += labels[index]
            for (time, value) in zip(columns.times[index], columns.values[index]) {
                RemoteWriteRequest.append(time: time, value: value, to: &series)
            }
            RemoteWriteRequest.append(field: 1, series, to: &message)
        }
        columns.removeAll()
        return RemoteWriteRequest.framed(message)
    }

    /// `Sample` as field 2 of `TimeSeries`: a double and a number of milliseconds.
    private static func append(time: Int64, value: Double, to bytes: inout [UInt8]) {
        let milliseconds = varint(UInt64(bitPattern: time))
        bytes.append(2 << 3 | 2)
        bytes.append(UInt8(1 + 8 + 1 + milliseconds.count))
        bytes.append(1 << 3 | 1)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(2 << 3)
        bytes += milliseconds
    }

    /// A field whose length is told before it.
    private static func append(field: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(field << 3 | 2)
        bytes += varint(UInt64(content.count))
        bytes += content
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        return bytes
    }

    /// The bytes as one literal, which is how snappy writes what it cannot make smaller.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        guard !message.isEmpty else { return [0] }
        var block = varint(UInt64(message.count))
        block.append(63 << 2)
        withUnsafeBytes(of: UInt32(message.count - 1).littleEndian) { block.append(contentsOf: $0) }
        return block + message
    }
}
