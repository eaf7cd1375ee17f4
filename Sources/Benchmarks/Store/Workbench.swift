import RingStore

/// What the rows of one run share: where they write, how they print, and the fleet that several of them ask.
final class Workbench {
    let options: StoreBenchmark.Options
    let place: TemporaryPlace
    let printer: ResultPrinter
    private(set) var hasFailed = false
    private var loadedFleet: LoadedFleet?
    private var weighedMillion: WeighedStore?

    init(options: StoreBenchmark.Options, place: TemporaryPlace) {
        self.options = options
        self.place = place
        printer = ResultPrinter(format: options.format)
    }

    /// Runs `body` if its rows are wanted. What goes wrong in it costs only its own rows.
    func measure(_ rows: StoreBenchmark.Rows, _ title: String, _ body: () throws -> Void) {
        guard options.rows.contains(rows) else { return }
        if !printer.printRows(rows.rawValue, title, body) { hasFailed = true }
    }

    /// Prints that something could not be measured, or not be trusted, and why; the others go on.
    func printFailure(_ what: String, _ reason: String) {
        hasFailed = true
        printer.print(BenchmarkRow(what, nil, "", note: "failed: \(reason)"))
    }

    /// `count`, or a tenth of it in a quick run.
    func scaled(_ count: Int) -> Int { options.quick ? max(1, count / 10) : count }

    /// The household fleet in a store of the daemon's budgets; loaded when it is asked for the first time.
    func fleet() throws -> LoadedFleet {
        if let loadedFleet { return loadedFleet }
        printer.printProgress("appending the household fleet")
        let fleet = try LoadedFleet(HouseholdFleet(days: scaled(30)), path: place.file("fleet"))
        loadedFleet = fleet
        return fleet
    }

    func dropFleet() {
        guard loadedFleet != nil else { return }
        loadedFleet = nil
        TemporaryPlace.remove(place.file("fleet"))
    }

    /// A process with a million series, which some rows weigh and others ask.
    func millionSeries() throws -> WeighedStore {
        if let weighedMillion { return weighedMillion }
        let mebibytes = 8192
        guard place.freeBytes > UInt64(mebibytes) << 20 + 1 << 30 else {
            throw LoadedStore.Failure(description: "a catalogue of a million series needs a disk budget of 8 GiB")
        }
        printer.printProgress("registering a million series in a child")
        let million = try WeighedStore(
            self, devices: scaled(200_000), minutes: 4, diskBudget: mebibytes, memoryBudget: 512)
        weighedMillion = million
        return million
    }

    /// `body` with VictoriaMetrics holding `set`; nil if it is not installed.
    func withVictoriaMetrics<T>(_ set: some ReadingSet, _ body: (VictoriaMetrics) throws -> T) throws -> T? {
        guard let program = VictoriaMetrics.program else { return nil }
        return try place.with("victoria-metrics") { path in
            printer.printProgress("giving VictoriaMetrics the \(set.name)")
            let peer = try VictoriaMetrics(program: program, path: path)
            defer { peer.process.terminate() }
            try peer.load(set)
            printer.printProgress("asking VictoriaMetrics about the \(set.name)")
            return try body(peer)
        }
    }
}
