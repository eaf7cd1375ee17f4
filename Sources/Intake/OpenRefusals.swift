import Readings

/// The refusals of the open batch: all of them counted, some of them to be kept once the batch is durable.
struct OpenRefusals {
    private(set) var counts: [RefusalKind: UInt64] = [:]
    private(set) var samples: [IntakeLedger.Refused] = []
    private(set) var kept: [RefusedMessage] = []
    private(set) var notKept: UInt64 = 0
    private var quota = RefusalQuota.commit

    /// - Parameter keeps: false where the message was noted before, for another of its readings.
    mutating func add(_ why: WhyRefused, household: String?, of message: ReceivedMessage, keeps: Bool = true) {
        counts[why.kind, default: 0] += 1
        if samples.count < IntakeLedger.refusedSampleLimit {
            samples.append(
                IntakeLedger.Refused(
                    topic: message.topic, reason: why.kind.reason, detail: why.detail, time: message.arrival))
        }
        if keeps { keep(why, household: household, of: message) }
    }

    mutating func count(_ reason: String, _ count: UInt64) {
        if count > 0 { counts[RefusalKind(reason: reason, convention: nil), default: 0] += count }
    }

    private mutating func keep(_ why: WhyRefused, household: String?, of message: ReceivedMessage) {
        let reason = why.kind.reason
        let group = RefusedMessage.group(topic: message.topic, household: household, reason: reason)
        guard quota.admit(group: group, topic: message.topic, reason: reason, payloadBytes: message.payload.count)
        else {
            notKept += 1
            return
        }
        if message.isPrivate { return }
        let topic = message.topic.cut(toBytes: RefusedMessage.topicLimit)
        let payload = Array(message.payload.prefix(RefusedMessage.keptBytes(of: message.payload.count)))
        kept.append(
            RefusedMessage(
                household: household, topic: topic, kind: why.kind, detail: why.detail, arrival: message.arrival,
                retained: message.retained, payload: payload, payloadBytes: message.payload.count,
                isWhole: payload.count == message.payload.count && topic.utf8.count == message.topic.utf8.count))
    }
}

extension String {
    /// The longest beginning that takes at most `count` bytes of UTF-8.
    func cut(toBytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(startIndex, offsetBy: count)
        while end > startIndex, UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
