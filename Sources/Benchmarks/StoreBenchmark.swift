import Glibc
import Readings
import RingStore

/// What the store costs, in process, beside the least that the machine could do with the same bytes.
///
/// 200 devices with five metrics and one message a minute, all metrics of a message at one instant, jittered by
/// σ = 150 ms: the household fleet of the store's issue, shortened. One thread; a directory of its own, removed in the end.
struct StoreBenchmark {
    /// Medians over batches.
    struct Result: CustomStringConvertible {
        var readings: Int
        var appendNanosecondsPerReading: Double
        var appendNanosecondsOfProcessorPerReading: Double
        var logBytesPerReading: Double
        var bareWriteNanosecondsPerReading: Double
        var scanValuesPerSecond: Double
        var bareSumValuesPerSecond: Double

        var description: String {
            """
            store, \(readings) readings of 1,000 series, median of batches of 10,000
              append, durable   \(rounded(appendNanosecondsPerReading)) ns a reading \
            (\(rounded(appendNanosecondsOfProcessorPerReading)) ns of processor), \
            \(rounded(logBytesPerReading)) B written each
              bare write + sync \(rounded(bareWriteNanosecondsPerReading)) ns a reading, same bytes, plain file
              scan, sum         \(rounded(scanValuesPerSecond / 1e6)) million values/s, cached
              bare sum          \(rounded(bareSumValuesPerSecond / 1e6)) million values/s, [Double]
            """
        }

        private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    }

    private static let devices = 200
    private static let metrics = ["temperature", "humidity", "pressure", "battery", "linkquality"]
    private static let messagesPerBatch = 2000

    /// Runs in the empty directory `path`.
    static func run(path: String, batches: Int = 400) throws -> Result {
        let options = StoreOptions(diskBudget: 512 << 20, memoryBudget: 64 << 20)
        let (store, writer) = try RingStore.open(directory: try POSIXDirectory(path: path + "/store"), options: options)
        var fleet = Fleet()
        let refs = try register(with: writer)
        var batch = Batch()
        var wall: [Double] = []
        var processor: [Double] = []
        for _ in 0..<batches {
            fleet.fill(&batch, refs, messages: messagesPerBatch)
            let start = (now(CLOCK_MONOTONIC), now(CLOCK_THREAD_CPUTIME_ID))
            _ = try writer.append(batch)
            wall.append(Double(now(CLOCK_MONOTONIC) - start.0) / Double(batch.sampleCount))
            processor.append(Double(now(CLOCK_THREAD_CPUTIME_ID) - start.1) / Double(batch.sampleCount))
        }
        let statistics = store.statistics
        let readings = Double(batches * messagesPerBatch * metrics.count)
        let written = Double(statistics.bytesWritten) / readings
        let scan = try measureScan(store, refs)
        return Result(
            readings: Int(readings), appendNanosecondsPerReading: median(wall),
            appendNanosecondsOfProcessorPerReading: median(processor), logBytesPerReading: written,
            bareWriteNanosecondsPerReading: try measureBareWrite(
                path + "/plain", Int(written * Double(batch.sampleCount)))
                / Double(batch.sampleCount),
            scanValuesPerSecond: scan.store, bareSumValuesPerSecond: scan.bare)
    }

    private static func register(with writer: StoreWriter) throws -> [[SeriesRef]] {
        try (0..<devices).map { device in
            try metrics.map { metric in
                let labels: Labels = ["__name__": metric, "device": "sensor-\(device)", "household": "home"]
                guard case .series(let ref) = writer.register(SeriesDescriptor(labels: labels, unit: nil)) else {
                    throw StoreError.closed
                }
                return ref
            }
        }
    }

    /// Values a second: decoded by the store and summed, and the same sums over plain arrays.
    private static func measureScan(_ store: RingStore, _ refs: [[SeriesRef]]) throws -> (store: Double, bare: Double) {
        let range = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
        let snapshot = store.snapshot()
        var plain: [[Double]] = []
        for ref in refs.joined() {
            var values: [Double] = []
            try snapshot.scan(ref, in: range) { run in
                for index in run.indices { values.append(run[index].value) }
                return true
            }
            plain.append(values)
        }
        let count = Double(plain.reduce(0) { $0 + $1.count })
        var scans: [Double] = []
        var sums: [Double] = []
        var check = 0.0
        for _ in 0..<5 {
            var start = now(CLOCK_MONOTONIC)
            for ref in refs.joined() {
                try snapshot.scan(ref, in: range) { run in
                    for index in run.indices { check += run[index].value }
                    return true
                }
            }
            scans.append(count / Double(now(CLOCK_MONOTONIC) - start) * 1e9)
            start = now(CLOCK_MONOTONIC)
            for values in plain {
                for value in values { check -= value }
            }
            sums.append(count / Double(now(CLOCK_MONOTONIC) - start) * 1e9)
        }
        // Used, so that no sum can be left out.
        if check.isNaN { print("a sum is not a number") }
        return (median(scans), median(sums))
    }

    /// Nanoseconds for writing and syncing `bytes`, over and over in a file that was written before.
    private static func measureBareWrite(_ path: String, _ bytes: Int) throws -> Double {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer {
            close(file)
            unlink(path)
        }
        let buffer = [UInt8](repeating: 7, count: bytes)
        let slots = 32
        for slot in 0..<slots { pwrite(file, buffer, bytes, off_t(slot * bytes)) }
        fsync(file)
        var times: [Double] = []
        for round in 0..<200 {
            let start = now(CLOCK_MONOTONIC)
            guard pwrite(file, buffer, bytes, off_t(round % slots * bytes)) == bytes, fdatasync(file) == 0 else {
                throw FileError(operation: "write", path: path, code: errno)
            }
            times.append(Double(now(CLOCK_MONOTONIC) - start))
        }
        return median(times)
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The fleet's messages, the same in each run.
private struct Fleet {
    private var random: UInt64 = 42
    private var minute: Int64 = 28_333_333
    private var device = 0
    private var levels: [Double] = Array(repeating: 20, count: 200)

    private mutating func next() -> UInt64 {
        // xorshift64* (Vigna, 2016)
        random ^= random >> 12
        random ^= random << 25
        random ^= random >> 27
        return random &* 0x2545_F491_4F6C_DD1D
    }

    mutating func fill(_ batch: inout Batch, _ refs: [[SeriesRef]], messages: Int) {
        batch.removeAll()
        for _ in 0..<messages {
            if device == refs.count {
                device = 0
                minute += 1
            }
            // The sum of twelve uniform numbers has the variance 1.
            let jitter = (0..<12).reduce(0.0) { sum, _ in sum + Double(next() >> 11) / 0x1p53 } - 6
            let time = minute * 60_000 + Int64(device * 300) + Int64((jitter * 150).rounded())
            levels[device] += Double(Int(next() % 5) - 2) / 10
            batch.beginMessage()
            batch.beginRow(at: Timestamp(milliseconds: time))
            batch.add(refs[device][0], (levels[device] * 10).rounded() / 10)
            batch.add(refs[device][1], ((50 + levels[device] / 2) * 10).rounded() / 10)
            batch.add(refs[device][2], Double(101_300 + Int(next() % 20)) / 100)
            batch.add(refs[device][3], Double(100 - minute / 20_000 % 100))
            batch.add(refs[device][4], Double(100 + next() % 30))
            device += 1
        }
    }
}

/// Measures append and scan of a store in a directory of its own, and prints the result.
func storeBenchmark() throws {
    let path = "quantrac-bench-store-\(getpid())"
    guard mkdir(path, 0o700) == 0 else { throw FileError(operation: "mkdir", path: path, code: errno) }
    defer {
        for name in ["super", "log", "pool", "catalogue"] { unlink(path + "/store/" + name) }
        rmdir(path + "/store")
        rmdir(path)
    }
    print(try StoreBenchmark.run(path: path))
}
