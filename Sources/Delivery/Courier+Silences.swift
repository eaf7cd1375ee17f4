/// What people do not want to hear of.
extension Courier {
    /// Mutes what somebody does not want to hear of.
    ///
    /// - Returns: what is muted, and whether that is durable. It is not where the disk does not take it, and where there is no file.
    public func silence(
        _ request: SilenceRequest
    ) throws(SilenceRefused) -> (silences: [Silence], isKept: Bool) {
        let (silences, changes) = try dispatcher.silence(request, at: wall())
        write(changes)
        for silence in silences { log(silence.inWords) }
        wake()
        return (silences, outbox.keeps(silences, of: content))
    }

    /// Ends a silence before its time.
    ///
    /// - Parameter household: whose silences may be ended; nil: everybody's.
    /// - Returns: what is over, and whether that is durable; nil if there is none with this number.
    public func endSilence(_ id: Int64, household: HouseholdScope?) -> (silence: Silence, isKept: Bool)? {
        guard let (silence, changes) = dispatcher.endSilence(id, household: household) else { return nil }
        write(changes)
        wake()
        return (silence, outbox.takesChanges)
    }
}
