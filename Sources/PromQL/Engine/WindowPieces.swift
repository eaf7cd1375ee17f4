import Readings

/// The pieces of equal width that the windows of a grid are made of, so that a source may tell what the samples of each come to
/// in the place of the samples.
struct WindowPieces {
    /// Milliseconds.
    let width: Int64
    /// The first instant of one of the pieces. Windows are open on the left.
    let origin: Timestamp
    private let windows: Windows
    /// From one window to the next.
    private let step: Int64

    /// Pieces that are shorter hold so few samples that these are as quickly read.
    private static let shortest: Int64 = 60_000

    /// Nil where windows are not made of pieces, or not of ones that are worth it.
    init?(_ windows: Windows) {
        guard windows.edges == .plain, windows.ends.count > 0 else { return nil }
        guard let step = windows.ends.isInstant ? windows.range : windows.ends.step else { return nil }
        let width = WindowPieces.commonDivisor(windows.range, step)
        guard width >= WindowPieces.shortest, width % WindowPieces.shortest == 0 else { return nil }
        self.windows = windows
        self.step = step
        self.width = width
        origin = windows.start(0).advanced(byMilliseconds: 1)
    }

    private static func commonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// Whether functions of the pieces are those of their samples: not where a value, or a sum of them, is no number, which
    /// may be a staleness marker or an overflow.
    func areExact(_ found: [Aggregate]) -> Bool { found.allSatisfy(\.sum.isFinite) }

    /// The function's value in each window, of what its pieces come to, ascending.
    func values(of found: [Aggregate], _ function: FoldedFunction) -> [Double] {
        let found = found.span
        var values: [Double] = []
        values.reserveCapacity(windows.ends.count)
        var first = 0
        for index in 0..<windows.ends.count {
            let begin = origin.milliseconds &+ Int64(index) &* step
            let end = begin &+ windows.range
            while first < found.count, found[first].start.milliseconds < begin { first += 1 }
            var last = first
            while last < found.count, found[last].start.milliseconds < end { last += 1 }
            switch last - first {
            case 0: values.append(StepSeries.absent)
            case 1: values.append(function.value(of: found[first]))
            default: values.append(function.value(of: WindowPieces.joined(found.extracting(first..<last))))
            }
        }
        return values
    }

    /// What all pieces together come to, at least one.
    private static func joined(_ pieces: Span<Aggregate>) -> Aggregate {
        var joined = pieces[0]
        var sum = KahanSum(joined.sum)
        for index in 1..<pieces.count {
            let piece = pieces[index]
            joined.count += piece.count
            if piece.min < joined.min { joined.min = piece.min }
            if piece.max > joined.max { joined.max = piece.max }
            joined.last = piece.last
            sum.add(piece.sum)
        }
        joined.sum = sum.value
        return joined
    }
}
