import Readings

extension Session {
    /// The steps of a range, with `step` as the user wrote it.
    func steps(
        from start: Timestamp, to end: Timestamp, points: Int, step text: String?
    ) throws(ClientError) -> HistorySteps {
        var wanted: Int64?
        if let text {
            guard let step = DurationText.step(text) else { throw .badStep(text) }
            wanted = step
        }
        do {
            return try HistorySteps(from: start, to: end, points: points, step: wanted, clock: clock)
        } catch {
            switch error {
            case .emptyRange:
                throw .emptyRange(since: clock.dateAndTime(start), until: clock.dateAndTime(end))
            case .tooManySteps(let least): throw .tooManySteps(least: DurationText.text(milliseconds: least))
            }
        }
    }
}
