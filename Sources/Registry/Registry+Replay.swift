import BoundedDatabase
import Intake

/// What came of a second try with the kept messages.
public struct RefusedReplayResult: Sendable, Equatable {
    /// Messages that were tried.
    public var messages = 0
    /// Of these, those that have left the box.
    public var understood = 0
    /// Readings that are durable now and were not there before.
    public var readings: UInt64 = 0
    /// Readings that were there already.
    public var duplicates: UInt64 = 0
    /// Readings that are older than what is kept.
    public var tooOld: UInt64 = 0
    /// Reason → messages that are still refused for it.
    public var refused: [String: Int] = [:]
    /// Messages that were cut when they were kept, and so could not be tried.
    public var cut = 0
    /// Where to go on, if there was not time enough for all; nil if everything has been tried.
    public var next: Int64?

    public init() {}
}

extension Registry {
    /// Gives the kept messages that `filter` admits to `replay`, portion by portion, in the order in which they came; those that
    /// it says are understood leave the box. Messages that are refused meanwhile do not belong to it.
    ///
    /// - Parameters:
    ///   - start: the number of the message to begin with; 0 for the oldest.
    ///   - deadline: after this no further portion is begun.
    ///   - replay: must return only when what it says is durable; `isFirst` is true for the first portion.
    /// - Throws: ``DatabaseFault``, or what `replay` throws; what was done until then stands, and the rest can be tried again.
    public func replay(
        _ filter: RefusedFilter, from start: Int64 = 0, until deadline: ContinuousClock.Instant? = nil,
        by replay: @Sendable (_ messages: [RefusedMessage], _ isFirst: Bool) async throws -> ReplayOutcome
    ) async throws -> RefusedReplayResult {
        var result = RefusedReplayResult()
        let last = try await perform { () throws(DatabaseFault) in try self.lastRefused() }
        result.next = start
        var isFirst = true
        while let first = result.next {
            if !isFirst, let deadline, .now > deadline { break }
            let portion = try await perform { () throws(DatabaseFault) in
                try self.portion(filter, from: first, through: last)
            }
            guard !portion.messages.isEmpty else {
                result.cut += portion.cut
                result.next = nil
                break
            }
            let outcome = try await replay(portion.messages.map(\.message), isFirst)
            isFirst = false
            let verdicts = zip(portion.messages, outcome.verdicts).map { (id: $0.id, verdict: $1) }
            try await perform { () throws(DatabaseFault) in try self.settle(verdicts) }
            result.add(outcome)
            result.cut += portion.cut
            result.next = portion.next
        }
        return result
    }
}

extension RefusedReplayResult {
    fileprivate mutating func add(_ outcome: ReplayOutcome) {
        messages += outcome.verdicts.count
        readings += outcome.stored
        duplicates += outcome.duplicates
        tooOld += outcome.tooOld
        for verdict in outcome.verdicts {
            switch verdict {
            case .understood: understood += 1
            case .refused(let kind, _): refused[kind.reason, default: 0] += 1
            }
        }
    }
}
