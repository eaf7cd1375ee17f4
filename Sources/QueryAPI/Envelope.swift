/// Prometheus's JSON envelope around every answer: `{"status":"success","data":…}` or
/// `{"status":"error","errorType":…,"error":…}` (HTTP API, "Format overview").
public struct Envelope<Data: Codable & Sendable>: Codable, Sendable {
    /// `success` or `error`
    public var status: String
    public var data: Data?
    public var errorType: String?
    public var error: String?
    public var warnings: [String]?
    public var infos: [String]?

    public init(data: Data, warnings: [String]? = nil, infos: [String]? = nil) {
        status = "success"
        self.data = data
        self.warnings = warnings
        self.infos = infos
    }

    public init(errorType: String, error: String) {
        status = "error"
        self.errorType = errorType
        self.error = error
    }
}
