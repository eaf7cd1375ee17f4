import PromQL
import Readings

/// Samples as Prometheus writes them.
extension JSONBytes {
    /// The most that a point takes, with a comma.
    static let pointBytes = 2 * numberBytes

    /// A sample as `[seconds,"value"]`: the number as a string, so that NaN and ±Inf have a place.
    mutating func putPoint(_ sample: Sample) {
        put("[")
        putSeconds(milliseconds: sample.time.milliseconds)
        putValue(of: sample)
    }

    /// What follows the time of a point.
    @inline(__always)
    fileprivate mutating func putValue(of sample: Sample) {
        put(",", "\"")
        if !putDecimal(sample.value) { putOther(sample.value) }
        put("\"", "]")
    }

    /// Any value that ``putDecimal(_:)`` does not write.
    private mutating func putOther(_ value: Double) {
        if value.isFinite { putManyDigits(value) } else { putText(FormattedValue.sample(value)) }
    }

    /// Of fewer points it does not pay to look whether a value has come before.
    private static let fewPoints = 64

    /// Samples in the order of time, with commas between.
    mutating func putPoints(_ samples: ArraySlice<Sample>) {
        guard samples.count > JSONBytes.fewPoints else {
            return putPoints(samples) { sample, json in json.putValue(of: sample) }
        }
        RecentValues.lend { recent in
            putPoints(samples) { sample, json in recent.put(sample, to: &json) }
        }
    }

    @inline(__always)
    private mutating func putPoints(_ samples: ArraySlice<Sample>, _ putValue: (Sample, inout JSONBytes) -> Void) {
        // A copy of its own is kept in registers.
        var json = self
        defer { self = json }
        var seconds = SecondsInOrder()
        for (index, sample) in zip(samples.indices, samples) {
            if index > samples.startIndex { json.put(",", "[") } else { json.put("[") }
            seconds.put(sample.time.milliseconds, to: &json)
            putValue(sample, &json)
        }
    }
}

/// What follows the time of points, for values that came a moment ago: sensors tell few different ones.
private struct RecentValues {
    private struct Text {
        var value: UInt64 = 0
        var bytes = SIMD16<UInt8>()
        /// 0: there is none.
        var length = 0
    }

    private static let places = 256
    private let texts: UnsafeMutableBufferPointer<Text>

    static func lend(_ body: (RecentValues) -> Void) {
        withUnsafeTemporaryAllocation(of: Text.self, capacity: places) { texts in
            texts.initialize(repeating: Text())
            body(RecentValues(texts: texts))
        }
    }

    @inline(__always)
    func put(_ sample: Sample, to json: inout JSONBytes) {
        let value = sample.value.bitPattern
        // The highest bits of the product depend on all bits.
        let place = Int(truncatingIfNeeded: (value &* 0x9e37_79b9_7f4a_7c15) >> 56)
        if texts[place].length > 0, texts[place].value == value {
            return json.put(texts[place].bytes, length: texts[place].length)
        }
        let start = json.count
        json.putValue(of: sample)
        let length = json.count - start
        if length <= 16 { texts[place] = Text(value: value, bytes: json.bytes(at: start), length: length) }
    }
}

/// Times as seconds, of which most begin as the one before: then only the last digits are made anew.
private struct SecondsInOrder {
    /// Of 10,000 seconds, so many; −1 in front of the first.
    private var block: Int64 = -1
    private var digits: UInt64 = 0
    private var length = 0

    /// Writes `milliseconds` as ``JSONBytes/putSeconds(milliseconds:)`` does.
    @inline(__always)
    mutating func put(_ milliseconds: Int64, to json: inout JSONBytes) {
        let block = milliseconds / 10_000_000
        // Others than the years from 1970 to 33658.
        guard (1..<100_000_000).contains(block) else { return json.putSeconds(milliseconds: milliseconds) }
        if block != self.block { begin(block) }
        json.putDigits(digits, length: length)
        let rest = UInt64(milliseconds - block * 10_000_000)
        let last = JSONBytes.digits(of: rest * 10)
        json.putDigits(last, length: 4)
        json.putFourDecimals(last >> 32)
    }

    private mutating func begin(_ block: Int64) {
        self.block = block
        digits = JSONBytes.digits(of: UInt64(block))
        let zeros = digits.trailingZeroBitCount / 8
        digits >>= 8 * zeros
        length = 8 - zeros
    }
}
