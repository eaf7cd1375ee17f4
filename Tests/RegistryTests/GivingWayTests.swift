import TestSupport
import Testing

@testable import Registry

@Suite("Where room is short, the highest piles are cut to one level")
struct GivingWayTests {
    @Test func byHand() {
        #expect(RefusedBox.level(of: [10, 4, 4, 1], toFree: 5) == 5)
        #expect(RefusedBox.level(of: [10, 4, 4, 1], toFree: 9) == 3)
        #expect(RefusedBox.level(of: [10, 4, 4, 1], toFree: 19) == 0)
        #expect(RefusedBox.level(of: [10, 4, 4, 1], toFree: 100) == 0)
        #expect(RefusedBox.level(of: [], toFree: 1) == 0)
    }

    @Test func itFreesEnoughAndHardlyMore() {
        var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
        for _ in 0..<2000 {
            let heights = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                Int.random(in: 1...1000, using: &random)
            }.sorted(by: >)
            let wanted = Int.random(in: 1...heights.reduce(0, +), using: &random)
            let level = RefusedBox.level(of: heights, toFree: wanted)
            let freed = heights.reduce(0) { $0 + max(0, $1 - level) }
            #expect(freed >= wanted && freed < wanted + heights.count, "seed \(random.seed)")
        }
    }
}
