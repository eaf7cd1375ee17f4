import Readings

/// Samples of several runs that may overlap, as one ascending run with each instant once.
struct SampleMerge {
    /// How many samples at most are handed out at once.
    private static let runLength = Chunk.mostRows

    private struct Cursor {
        var samples: [Sample]
        var position: Int
        var rank: UInt64
    }

    private let sources: [SampleSource]
    private let range: ClosedRange<Int64>
    private let pool: SegmentPool
    private var decoder: ChunkDecoder?
    private var next = 0
    private var cursors: [Cursor] = []
    private var spare: [[Sample]] = []
    private var run: [Sample] = []

    init(_ sources: [SampleSource], in range: ClosedRange<Int64>, pool: SegmentPool, decoder: ChunkDecoder) {
        self.decoder = decoder
        self.sources = sources
        self.range = range
        self.pool = pool
    }

    /// Hands out the runs until `body` returns false.
    mutating func forEachRun(_ body: (Span<Sample>) throws -> Bool) throws {
        while true {
            if cursors.isEmpty, !openNext() { break }
            guard !cursors.isEmpty else { continue }
            if cursors.count == 1, let last = cursors[0].samples.last,
                next == sources.count || sources[next].firstTime > last.time.milliseconds
            {
                // Nothing overlaps: the run goes out as it was decoded.
                guard try flush(body) else { return }
                let rest = cursors[0]
                let span = rest.samples.span
                guard try body(span.extracting(rest.position..<span.count)) else { return }
                close(0)
                continue
            }
            var time = earliest()
            while next < sources.count, sources[next].firstTime <= time {
                _ = openNext()
                time = earliest()
            }
            take(time)
            if run.count == SampleMerge.runLength {
                guard try flush(body) else { return }
            }
        }
        _ = try flush(body)
    }

    private mutating func flush(_ body: (Span<Sample>) throws -> Bool) throws -> Bool {
        guard !run.isEmpty else { return true }
        defer { run.removeAll(keepingCapacity: true) }
        return try body(run.span)
    }

    /// Reads the next source. False if there is none; one without samples in the range adds no cursor.
    private mutating func openNext() -> Bool {
        guard next < sources.count else { return false }
        var samples = spare.popLast() ?? []
        sources[next].read(in: range, pool: pool, decoder: &decoder, into: &samples)
        if samples.isEmpty {
            spare.append(samples)
        } else {
            cursors.append(Cursor(samples: samples, position: 0, rank: sources[next].rank))
        }
        next += 1
        return true
    }

    private mutating func close(_ index: Int) {
        spare.append(cursors.remove(at: index).samples)
    }

    private func earliest() -> Int64 {
        var time = Int64.max
        for cursor in cursors { time = min(time, cursor.samples[cursor.position].time.milliseconds) }
        return time
    }

    /// Moves all samples at `time` out of the cursors, and the one with the highest rank into the run.
    private mutating func take(_ time: Int64) {
        var best: (rank: UInt64, sample: Sample)?
        var index = cursors.count
        while index > 0 {
            index -= 1
            let sample = cursors[index].samples[cursors[index].position]
            guard sample.time.milliseconds == time else { continue }
            if best.map({ cursors[index].rank > $0.rank }) ?? true { best = (cursors[index].rank, sample) }
            cursors[index].position += 1
            if cursors[index].position == cursors[index].samples.count { close(index) }
        }
        if let best { run.append(best.sample) }
    }
}
