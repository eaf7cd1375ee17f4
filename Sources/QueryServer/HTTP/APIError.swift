import Hummingbird

/// An answer that is an error, in the terms of Prometheus's HTTP API ("Format overview").
struct APIError: Error, Equatable {
    /// `errorType` of the envelope
    enum Kind: String {
        case badData = "bad_data"
        case canceled
        case execution
        case `internal`
        case notFound = "not_found"
        case timeout
    }

    var kind: Kind
    var message: String
    var status: HTTPResponse.Status

    init(_ kind: Kind, _ message: String, status: HTTPResponse.Status? = nil) {
        self.kind = kind
        self.message = message
        self.status =
            status
            ?? {
                switch kind {
                case .badData: .badRequest
                case .canceled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
                case .execution: .unprocessableContent
                case .internal: .internalServerError
                case .notFound: .notFound
                case .timeout: .serviceUnavailable
                }
            }()
    }

    static func badData(_ message: String) -> APIError { APIError(.badData, message) }

    /// In Prometheus's own words, which Grafana and promtool show as they are.
    static func invalidParameter(_ name: String, _ reason: String) -> APIError {
        .badData("invalid parameter \"\(name)\": \(reason)")
    }
}
