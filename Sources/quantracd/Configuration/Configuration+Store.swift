import RingStore

extension Configuration {
    /// What the store is told.
    var storeOptions: StoreOptions {
        StoreOptions(diskBudget: store.diskBudget.bytes, memoryBudget: store.memoryBudget.bytes)
    }
}
