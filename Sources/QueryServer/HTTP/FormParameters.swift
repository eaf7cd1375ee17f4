import Hummingbird

/// The parameters of a request: those of a form in its body, then those of its URL, as Grafana sends either.
///
/// Both are `application/x-www-form-urlencoded` (URL Standard §5).
struct FormParameters: Sendable {
    /// What a form may hold: Grafana's largest are well below.
    static let largestBody = 1 << 20
    private static let mostPairs = 1000

    private var pairs: [(name: String, value: String)] = []

    /// - Throws: ``APIError`` for text that is not in the form, or too much of it.
    init(_ texts: [Substring.UTF8View]) throws(APIError) {
        for text in texts {
            for pair in text.split(separator: UInt8(ascii: "&")) {
                guard pairs.count < FormParameters.mostPairs else {
                    throw .badData("more than \(FormParameters.mostPairs) parameters")
                }
                let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                let name = try FormParameters.decoded(halves[0])
                pairs.append((name, halves.count > 1 ? try FormParameters.decoded(halves[1]) : ""))
            }
        }
    }

    /// The first value of `name` that is not empty; an empty one counts as absent, as in Prometheus.
    subscript(name: String) -> String? {
        pairs.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value of `name`, in order.
    func all(_ name: String) -> [String] {
        pairs.compactMap { $0.name == name ? $0.value : nil }
    }

    /// The parameters of `request`; reads its body if it is a POST.
    static func of(_ request: Request, _ context: QueryContext) async throws -> FormParameters {
        let url = (request.uri.query ?? "")[...]
        guard request.method == .post else { return try FormParameters([url.utf8]) }
        let body = try await RequestForm.read(request, context)
        return try FormParameters([body[...].utf8, url.utf8])
    }

    /// `+` as a blank, `%41` as `A`.
    private static func decoded(_ text: Substring.UTF8View) throws(APIError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = hexDigit(iterator.next()), let low = hexDigit(iterator.next()) else {
                    throw .badData("a % in the parameters is not followed by two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badData("the parameters are not UTF-8")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let digit) where (48...57).contains(digit): digit - 48
        case .some(let letter) where (65...70).contains(letter): letter - 55
        case .some(let letter) where (97...102).contains(letter): letter - 87
        default: nil
        }
    }
}
