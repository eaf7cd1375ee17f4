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
    @Test(arguments: [1 << 20, 2000]) func forSeveralAtOnce(capacity: Int) throws {
        let disk = SimulatedDisk(seed: 5)
        let (store, writer) = try RingStore.open(directory: disk.directory, options: .tiny())
        let cache = SelectionCache(capacity: capacity)
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
                    let found = cache.series(matching: matchers, in: snapshot).filter {
                        snapshot.descriptor(of: $0) != nil
                    }
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
}
