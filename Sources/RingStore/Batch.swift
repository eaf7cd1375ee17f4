import Readings

/// What is to be made durable together: messages, each with rows of samples that share an instant.
///
/// ```swift
/// batch.beginMessage(identity: nil)
/// batch.beginRow(at: reading.time)
/// batch.add(temperature, 21.5)
/// batch.add(humidity, 55)
/// ```
/// The metrics of one message that share an instant belong into one row: they then share one time column on disk,
/// which is half of what they cost. Flat arrays that are reused: a batch that is emptied with
/// `removeAll(keepingCapacity: true)` and filled again allocates nothing.
public struct Batch: Sendable {
    struct Message {
        var identity: MessageIdentity?
        var firstRow: Int
    }

    struct Row {
        var time: Int64
        var firstSample: Int
    }

    private(set) var messages: [Message] = []
    private(set) var rows: [Row] = []
    private(set) var series: [UInt32] = []
    private(set) var values: [Double] = []

    public init() {}

    public var messageCount: Int { messages.count }
    public var rowCount: Int { rows.count }
    public var sampleCount: Int { series.count }
    /// Whether there is nothing to make durable, not even an identity.
    public var isEmpty: Bool { messages.isEmpty }

    /// Begins the next message. Its rows and its identity become durable in one frame of the log, all or none.
    ///
    /// A message may have no row at all: then only its identity is kept.
    public mutating func beginMessage(identity: MessageIdentity? = nil) {
        messages.append(Message(identity: identity, firstRow: rows.count))
    }

    /// Begins the next row of the current message, or of a message without identity if none was begun.
    public mutating func beginRow(at time: Timestamp) {
        if messages.isEmpty { beginMessage() }
        rows.append(Row(time: time.milliseconds, firstSample: series.count))
    }

    /// Adds a sample to the current row. Any Double is kept bit for bit, NaN payloads and −0 included.
    ///
    /// Without a row the sample has no time: it is not added.
    public mutating func add(_ series: SeriesRef, _ value: Double) {
        guard !rows.isEmpty else { return }
        self.series.append(series.index)
        values.append(value)
    }

    public mutating func removeAll(keepingCapacity: Bool = true) {
        messages.removeAll(keepingCapacity: keepingCapacity)
        rows.removeAll(keepingCapacity: keepingCapacity)
        series.removeAll(keepingCapacity: keepingCapacity)
        values.removeAll(keepingCapacity: keepingCapacity)
    }

    /// Hands every sample to `body`, in the order of adding, with the index by which `AppendOutcome` knows it.
    public func forEachSample<E: Error>(
        _ body: (_ index: Int, _ series: SeriesRef, _ sample: Sample) throws(E) -> Void
    ) throws(E) {
        for row in rows.indices {
            let time = Timestamp(milliseconds: rows[row].time)
            for index in samples(of: row) {
                try body(index, SeriesRef(index: series[index]), Sample(time: time, value: values[index]))
            }
        }
    }

    func rows(of message: Int) -> Range<Int> {
        messages[message].firstRow..<(message + 1 < messages.count ? messages[message + 1].firstRow : rows.count)
    }

    func samples(of row: Int) -> Range<Int> {
        rows[row].firstSample..<(row + 1 < rows.count ? rows[row + 1].firstSample : series.count)
    }
}
