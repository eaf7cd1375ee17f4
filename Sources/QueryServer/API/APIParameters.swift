import Foundation
import PromQL
import Readings

/// The instants that the API takes and shows: the years that RFC 3339 can write.
enum APITime {
    /// The instant that the machine's clock shows: what a request without a time is about.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
    static let earliest = Timestamp(milliseconds: -62_167_219_200_000)
    static let latest = Timestamp(milliseconds: 253_402_300_799_999)
}

/// Reading single parameters, with errors in Prometheus's words.
extension FormParameters {
    /// What `read` makes of a parameter that must be there: a text, or `parameters.required("start", parameters.time)`.
    func required<Value>(
        _ name: String, _ read: (String) throws(APIError) -> Value?
    ) throws(APIError) -> Value {
        guard let value = try read(name) else { throw .invalidParameter(name, "it is missing or empty") }
        return value
    }

    func required(_ name: String) throws(APIError) -> String { try required(name) { self[$0] } }

    /// A time in Unix seconds or RFC 3339; what lies beyond ``APITime`` is brought to its nearest end. Nil if absent.
    func time(_ name: String) throws(APIError) -> Timestamp? {
        guard let text = self[name] else { return nil }
        do {
            return try min(max(PromQLTime.parse(text), APITime.earliest), APITime.latest)
        } catch {
            throw .invalidParameter(name, error.message)
        }
    }

    /// A duration in seconds or as `5m`. Nil if absent.
    func duration(_ name: String) throws(APIError) -> PromQLDuration? {
        guard let text = self[name] else { return nil }
        do {
            return try PromQLDuration.parse(parameter: text)
        } catch {
            throw .invalidParameter(name, error.message)
        }
    }

    /// How many elements are wanted; nil, and 0 as in Prometheus, for all.
    func limit() throws(APIError) -> Int? {
        guard let text = self["limit"] else { return nil }
        guard let limit = Int(text), limit >= 0 else {
            throw .invalidParameter("limit", "it must be a whole number, 0 or more")
        }
        return limit == 0 ? nil : limit
    }
}

extension APIError {
    /// What went wrong in the language, with the status that belongs to it.
    init(_ error: PromQLError) {
        switch error.kind {
        case .badData: self.init(.badData, error.description)
        case .execution: self.init(.execution, error.description)
        case .timeout: self.init(.timeout, error.description)
        case .canceled: self.init(.canceled, error.description)
        case .internalError: self.init(.internal, error.description)
        }
    }
}

extension FormParameters {
    /// Each is compared with every series.
    private var mostSelectors: Int { 64 }

    /// The selectors in `match[]`, in order.
    func selectors() throws(APIError) -> [[LabelMatcher]] {
        let texts = all("match[]")
        guard texts.count <= mostSelectors else {
            throw .invalidParameter("match[]", "there are more than \(mostSelectors)")
        }
        var selectors: [[LabelMatcher]] = []
        for text in texts {
            do {
                selectors.append(try parseSelector(text))
            } catch {
                throw .invalidParameter("match[]", error.description)
            }
        }
        return selectors
    }
}
