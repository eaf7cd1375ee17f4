import PromQL
import Readings

/// How an installation is known to others: what Prometheus calls external labels and URL.
public struct ExternalIdentity: Sendable, Equatable {
    /// `$externalLabels` in templates.
    public var labels: Labels
    /// `$externalURL` in templates, without a slash at the end.
    public var url: String

    public init(labels: Labels = [:], url: String = "") {
        self.labels = labels
        self.url = url
    }
}

/// What a template is told of the alert it is expanded for.
public struct TemplateContext: Sendable {
    /// Of the element that the rule's expression found, `__name__` among them.
    public var labels: Labels
    /// Of that element.
    public var value: Double
    /// Of the installation.
    public var external: ExternalIdentity
    /// When the rule is evaluated.
    public var now: Timestamp
    /// Asks a query at the evaluation's time.
    public var query: @Sendable (String) throws(PromQLError) -> [VectorElement]

    /// - Parameter query: by default there is nothing to ask, which is an error.
    public init(
        labels: Labels, value: Double, external: ExternalIdentity = ExternalIdentity(),
        now: Timestamp = Timestamp(milliseconds: 0),
        query: @escaping @Sendable (String) throws(PromQLError) -> [VectorElement] = TemplateContext.nothingToAsk
    ) {
        self.labels = labels
        self.value = value
        self.external = external
        self.now = now
        self.query = query
    }

    public static func nothingToAsk(_ query: String) throws(PromQLError) -> [VectorElement] {
        throw PromQLError(.execution, "there are no series to ask here")
    }
}
