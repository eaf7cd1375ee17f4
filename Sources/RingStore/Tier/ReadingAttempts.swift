/// How often something could be read in part only. A disk that has lost something for good must not hold up the tiers for ever.
final class ReadingAttempts {
    private static let most = 20
    private var sequence: UInt64 = 0
    private var count = 0

    func mayTryAgain(_ sequence: UInt64) -> Bool {
        if sequence != self.sequence { (self.sequence, count) = (sequence, 0) }
        count += 1
        return count < ReadingAttempts.most
    }
}
