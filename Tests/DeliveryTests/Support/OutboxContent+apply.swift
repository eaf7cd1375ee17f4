@testable import Delivery

extension OutboxContent {
    /// What a file would hold after `changes` at `now`.
    mutating func apply(_ changes: [OutboxChange], at now: DeliveryMoment) {
        for change in changes {
            switch change {
            case .put(let notice): notices.append(notice)
            case .update(var notice):
                notice.hold = notice.storedHold
                if let index = notices.firstIndex(where: { $0.id == notice.id }) { notices[index] = notice }
            case .remove(let id): notices.removeAll { $0.id == id }
            case .told(let entry):
                told.removeAll { $0.channel == entry.channel && $0.news.alert == entry.news.alert }
                told.append(entry)
            case .forget(let channel, let alert):
                told.removeAll { $0.channel == channel && $0.news.alert == alert }
            case .silence(let silence):
                silences.removeAll { $0.id == silence.id }
                silences.append(silence)
            case .unsilence(let id): silences.removeAll { $0.id == id }
            case .retained(let entry):
                retained.removeAll { $0.alert == entry.alert }
                retained.append(entry)
            case .forgetRetained(let alert): retained.removeAll { $0.alert == alert }
            case .cleared(let entry):
                cleared.removeAll { $0.alert == entry.alert }
                cleared.append(entry)
            case .forgetCleared(let alert): cleared.removeAll { $0.alert == alert }
            case .lastDigest(let notice): digests.last = notice
            case .forgetLastDigest: digests.last = nil
            case .lingering(let source):
                lingering.removeAll { $0.alert == source.alert }
                lingering.append(source)
            case .forgetLingering(let alert): lingering.removeAll { $0.alert == alert }
            case .groupTold(let told):
                groupsTold.removeAll { $0.channel == told.channel && $0.group == told.group }
                groupsTold.append(told)
            case .forgetGroup(let channel, let group):
                groupsTold.removeAll { $0.channel == channel && $0.group == group }
            case .digestEntry(let channel, let entry):
                digests.open[channel, default: []].removeAll { $0.alert == entry.alert }
                digests.open[channel, default: []].append(entry)
            case .closeDigest(let notice):
                digests.waiting.append(notice)
                digests.open[notice.channel] = nil
            case .putDigest(let notice):
                digests.waiting.removeAll(where: notice.isSame)
                digests.waiting.append(notice)
            case .removeDigest(let notice): digests.waiting.removeAll(where: notice.isSame)
            case .digestState(let channel, let state): digests.states[channel] = state
            case .forgetDigests(let channel):
                digests.open[channel] = nil
                digests.states[channel] = nil
                digests.waiting.removeAll { $0.channel == channel && $0.isOwn }
            }
        }
        moment = now
    }
}
