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
    private mutating func putValue(of sample: Sample) {
        put(",", "\"")
        if !putDecimal(sample.value) { putOther(sample.value) }
        put("\"", "]")
    }

    /// Any value that ``putDecimal(_:)`` does not write.
    private mutating func putOther(_ value: Double) {
        if value.isFinite { putNumber(value) } else { putText(FormattedValue.sample(value)) }
    }

    /// Samples in the order of time, with commas between.
    mutating func putPoints(_ samples: ArraySlice<Sample>) {
        // A copy of its own is kept in registers.
        var json = self
        defer { self = json }
        var seconds = SecondsInOrder()
        for (index, sample) in zip(samples.indices, samples) {
            if index > samples.startIndex { json.put(",", "[") } else { json.put("[") }
            seconds.put(sample.time.milliseconds, to: &json)
            json.putValue(of: sample)
        }
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
