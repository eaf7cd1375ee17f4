import Glibc

/// Publishes what a source has until its end, or until enough is published.
struct PublishingRun {
    /// How many messages are made ahead when they are sent as fast as the broker takes them, so that making them does
    /// not slow the sending.
    private static let blockSize = 200_000

    var source: any MessageSource
    /// False: as fast as they are taken.
    let isPaced: Bool
    /// Exactly so many messages.
    let count: Int?
    let duration: Duration?
    let topicPrefix: String

    private(set) var published = 0
    private(set) var acknowledged: Int?

    init(_ source: any MessageSource, isPaced: Bool, count: Int?, duration: Duration?, topicPrefix: String) {
        self.source = source
        self.isPaced = isPaced
        self.count = count
        self.duration = duration
        self.topicPrefix = topicPrefix
    }

    /// - Parameter open: makes the outlet; called when the first messages are ready.
    mutating func run(open: () throws -> any Outlet) throws {
        var bursts = nextBursts()
        let outlet = try open()
        let start = ContinuousClock.now
        let end = duration.map { start + $0 }
        var progress = ProgressLine()
        while !bursts.isEmpty {
            for burst in bursts {
                if isPaced {
                    let due = start + .nanoseconds(Int64(burst.due * 1e9))
                    if let end, due > end {
                        try outlet.wait(until: end)
                    } else if due > .now {
                        try outlet.wait(until: due)
                    }
                }
                for publication in burst.publications {
                    if isOver(end) { return try leave(outlet) }
                    try outlet.publish(prefixed(publication))
                    published += 1
                }
                if isOver(end) { return try leave(outlet) }
                progress.show(published, fraction: burst.progress)
            }
            bursts = nextBursts()
        }
        try leave(outlet)
    }

    private func isOver(_ end: ContinuousClock.Instant?) -> Bool {
        if StopRequest.isMade { return true }
        if let count { return published >= count }
        return end.map { ContinuousClock.now >= $0 } ?? false
    }

    /// Devices say good-bye when the household ends, but not when exactly so many messages were asked for.
    private mutating func leave(_ outlet: any Outlet) throws {
        if count == nil {
            for publication in source.farewell() {
                try outlet.publish(prefixed(publication))
                published += 1
            }
        }
        try outlet.finish()
        acknowledged = outlet.acknowledged
    }

    private mutating func nextBursts() -> [Burst] {
        if isPaced { return source.next().map { [$0] } ?? [] }
        var bursts: [Burst] = []
        var size = 0
        let wanted = min(PublishingRun.blockSize, count.map { $0 - published } ?? PublishingRun.blockSize)
        while size < wanted, !StopRequest.isMade {
            guard let burst = source.next() else { break }
            size += burst.publications.count
            bursts.append(burst)
        }
        return bursts
    }

    private func prefixed(_ publication: Publication) -> Publication {
        guard !topicPrefix.isEmpty else { return publication }
        var publication = publication
        publication.topic = topicPrefix + "/" + publication.topic
        return publication
    }
}
