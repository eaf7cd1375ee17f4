import StorageSimulator

@testable import RingStore

extension SimulatedDisk {
    /// Makes a tiny store with so many sealed segments, and a log in which several frames follow the last checkpoint.
    func fill(segments: UInt64, seed: UInt64) throws -> Judge {
        var judge = Judge()
        var workload = Workload(seed: seed)
        let (store, writer) = try RingStore.open(directory: directory, options: .tiny())
        while store.statistics.sealedSegments < segments || writer.log.previous < writer.log.base + 9 {
            let messages = workload.batch(messages: store.statistics.sealedSegments < segments ? 30 : 3)
            _ = try writer.append(writer.batch(messages))
            judge.acknowledge(messages)
        }
        return judge
    }
}
