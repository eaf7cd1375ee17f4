import RingStore

/// Bytes a reading on disk: the household fleet, real sensors, and what VictoriaMetrics makes of the same readings.
struct SizeRows {
    let bench: Workbench

    func measure() throws {
        let fleet = try bench.fleet()
        let peer = try bench.withVictoriaMetrics(fleet.fleet) { peer in
            BenchmarkRow.Companion(
                name: VictoriaMetrics.name, value: Double(peer.bytes) / Double(fleet.fleet.readings))
        }
        bench.printer.print(
            row(
                "household fleet", fleet.sealed, goal: .atMost(0.70), peer,
                ", zero-order entropy of simple deltas \(thousandths(fleet.entropy))"))
        try measureRecorded()
    }

    private func measureRecorded() throws {
        guard let data = bench.options.data else {
            bench.printer.print(
                BenchmarkRow("real set", nil, "", goal: .atMost(0.50), note: "absent: no tables; give --data DIR"))
            return
        }
        let files = try RecordedData.files(in: data)
        let appliances = files.filter { $0.contains("/appliances") }
        try measure(try RecordedData(name: "real set, every column", files: files), goal: .atMost(0.50))
        try measure(
            try RecordedData(
                name: "real set, sensors' columns", files: files, leavingOut: RecordedData.notSensors))
        // The long file: the other one is a random quarter of its rows, with noise in the last digits.
        guard let long = appliances.first else { return }
        try measure(try RecordedData(name: "appliances, every column", files: [long]), goal: .atMost(0.85))
        try measure(
            try RecordedData(
                name: "appliances, sensors' columns", files: [long], leavingOut: RecordedData.notSensors))
        for file in files where file != long {
            let name = file.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? ""
            let table = try RecordedData(
                name: name.prefix(30) + ", sensors'", files: [file], leavingOut: RecordedData.notSensors)
            try measure(table, withPeer: false)
        }
    }

    private func measure(
        _ set: RecordedData, goal: BenchmarkRow.Goal? = nil, withPeer: Bool = true
    ) throws {
        bench.printer.printProgress("appending the \(set.name)")
        let sealed = try bench.place.with("recorded") { path in
            let loaded = try LoadedStore(path: path, options: .standard)
            try loaded.load(set, batchReadings: 1000)
            return try loaded.sealEverything()
        }
        let peer =
            withPeer
            ? try bench.withVictoriaMetrics(set) { peer in
                BenchmarkRow.Companion(name: VictoriaMetrics.name, value: Double(peer.bytes) / Double(set.readings))
            } : nil
        bench.printer.print(row(set.name, sealed, goal: goal, peer, ""))
    }

    private func row(
        _ name: String, _ sealed: SealedBytes, goal: BenchmarkRow.Goal?, _ peer: BenchmarkRow.Companion?, _ more: String
    ) -> BenchmarkRow {
        var note =
            "\(sealed.readings) readings in \(sealed.segments) segments, "
            + "\(sealed.chunks == 0 ? 0 : sealed.rows / sealed.chunks) rows a chunk; of it index and headers "
            + thousandths(sealed.overheadPerReading) + ", catalogue \(thousandths(sealed.cataloguePerReading))" + more
        if sealed.otherBytes > 0 { note += "; tiers beside them take \(thousandths(sealed.otherPerReading))" }
        return BenchmarkRow(name, sealed.bytesPerReading, "B", goal: goal, beside: peer, note: note)
    }

    private func thousandths(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
