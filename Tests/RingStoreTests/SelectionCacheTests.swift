import Foundation
import Readings
import StorageSimulator
import Synchronization
import TestSupport
import Testing

@testable import RingStore

@Suite struct SelectionsStayFound {
    private func descriptor(_ number: Int) -> SeriesDescriptor {
        SeriesDescriptor(labels: ["__name__": "m\(number % 3)", "device": "d\(number)"], unit: nil)
    }

    private var questions: [[LabelMatcher]] {
        get throws {
            try [
                [], [LabelMatcher("__name__", equals: "m1")], [LabelMatcher("device", .matches, "d.*3")],
                [LabelMatcher("__name__", .notEqual, "m2"), LabelMatcher("device", .matches, "d1.*")],
            ]
        }
    }

    /// Real threads ask the same while series come: each gets what its own snapshot has, whoever else has looked further.
    @Test(arguments: [(1 << 20, false), (2000, false), (1 << 20, true), (5000, true)])
    func forSeveralAtOnce(capacity: Int, keepsLabels: Bool) throws {
        let disk = SimulatedDisk(seed: 5)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        let cache = SelectionCache(capacity: capacity, keepsLabels: keepsLabels)
        let questions = try questions
        let isDone = Mutex(false)
        let complaints = Mutex<[String]>([])
        let asked = Mutex(0)
        let threads = (0..<3).map { number in
            let thread = Thread {
                var turn = number
                while !isDone.withLock({ $0 }) {
                    turn += 1
                    let snapshot = store.snapshot()
                    let matchers = questions[turn % questions.count]
                    // What another thread has found out in a later snapshot has series of which this one knows nothing.
                    let found = cache.labelledSeries(matching: matchers, in: snapshot).filter {
                        snapshot.descriptor(of: $0.series)?.labels == $0.labels
                    }.map(\.series)
                    if found != snapshot.series(matching: matchers) { complaints.withLock { $0.append("\(matchers)") } }
                    asked.withLock { $0 += 1 }
                }
            }
            thread.start()
            return thread
        }
        for number in 0..<200 {
            let before = asked.withLock { $0 }
            guard case .series = writer.register(descriptor(number)) else {
                Issue.record("series \(number) found no place")
                break
            }
            _ = try writer.append(Batch())
            while asked.withLock({ $0 }) == before { Thread.sleep(forTimeInterval: 0.0001) }
        }
        isDone.withLock { $0 = true }
        for thread in threads { while !thread.isFinished { Thread.sleep(forTimeInterval: 0.001) } }
        #expect(complaints.withLock { $0 }.isEmpty)
    }

    /// What takes long to look for is at hand once somebody has looked for it, and as long as no series is new; where a matcher
    /// names a value that few series have, it is at once.
    @Test func whatIsAtHand() throws {
        let (store, writer) = try RingStore.open(directory: SimulatedDisk(seed: 6).directory, options: .tiny())
        for number in 0..<100 { _ = writer.register(descriptor(number)) }
        _ = try writer.append(Batch())
        let (cache, bare) = (SelectionCache(capacity: 1 << 20, keepsLabels: true), SelectionCache(capacity: 1 << 20))
        for matchers in try questions {
            let snapshot = store.snapshot()
            #expect(cache.atHand(matching: matchers, in: snapshot) == nil)
            let found = cache.labelledSeries(matching: matchers, in: snapshot)
            #expect(found.map(\.series) == snapshot.series(matching: matchers))
            #expect(found.map(\.labels) == found.map { snapshot.descriptor(of: $0.series)?.labels })
            #expect(cache.atHand(matching: matchers, in: snapshot)?.map(\.series) == found.map(\.series))
            #expect(bare.labelledSeries(matching: matchers, in: snapshot).map(\.labels) == found.map(\.labels))
            #expect(bare.atHand(matching: matchers, in: snapshot) == nil, "labels are not kept")
        }
        _ = writer.register(descriptor(100))
        _ = try writer.append(Batch())
        let snapshot = store.snapshot()
        for matchers in try questions { #expect(cache.atHand(matching: matchers, in: snapshot) == nil) }
        let device = LabelMatcher("device", equals: "d100")
        for (matchers, count) in try [
            ([device], 1), ([LabelMatcher("__name__", .matches, "m.*"), device], 1),
            ([LabelMatcher("__name__", equals: "none")], 0), ([device, LabelMatcher("none", equals: "x")], 0),
        ] {
            let found = cache.atHand(matching: matchers, in: snapshot)
            #expect(found?.map(\.series) == snapshot.series(matching: matchers) && found?.count == count)
        }
        // Who has no such label names no value.
        #expect(cache.atHand(matching: [LabelMatcher("room", equals: "")], in: snapshot) == nil)
    }
}
