import RingStore

/// The household fleet in a store of the daemon's budgets, appended and sealed.
final class LoadedFleet {
    let fleet: HouseholdFleet
    let loaded: LoadedStore
    let sealed: SealedBytes
    /// Of the readings alone: making the store's files comes before.
    let bytesWritten: UInt64
    let entropy: Double

    init(_ fleet: HouseholdFleet, path: String) throws {
        self.fleet = fleet
        loaded = try LoadedStore(path: path, options: .standard)
        let before = loaded.store.statistics.bytesWritten
        try loaded.load(fleet)
        bytesWritten = loaded.store.statistics.bytesWritten - before
        sealed = try loaded.sealEverything()
        var entropy = DeltaEntropy()
        // A tenth of the devices tells as much.
        let sample = HouseholdFleet(devices: max(1, fleet.devices / 10), days: fleet.minutes / 1440, seed: fleet.seed)
        try sample.forEachRow { time, series, values in entropy.add(time: time, series, values) }
        self.entropy = entropy.bytesPerReading
    }
}
