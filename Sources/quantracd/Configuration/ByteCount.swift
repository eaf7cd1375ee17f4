/// A number of bytes as people write it: `512MiB`, `64 MiB`, `2GiB`, `1500000`, and decimal `kB`, `MB`, `GB`.
struct ByteCount: Sendable, Equatable {
    var bytes: UInt64

    init(bytes: UInt64) {
        self.bytes = bytes
    }

    init(mebibytes: UInt64) {
        bytes = mebibytes << 20
    }

    /// Nil if `text` is no number with one of the known units, or too large.
    init?(_ text: String) {
        let compact = text.filter { $0 != " " }
        let digits = compact.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits), let factor = ByteCount.factors[String(compact.dropFirst(digits.count))]
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        bytes = product
    }

    private static let factors: [String: UInt64] = [
        "": 1, "B": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
    ]
}
