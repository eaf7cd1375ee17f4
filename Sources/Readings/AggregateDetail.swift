/// What of aggregates somebody needs: what is not needed need not be read.
public enum AggregateDetail: Hashable, Sendable {
    case all
    /// Count and sum, and with them the mean. What the other fields hold says nothing.
    case mean
}
