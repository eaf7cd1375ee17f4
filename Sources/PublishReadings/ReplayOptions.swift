import ArgumentParser

/// What is replayed, and how.
struct ReplayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Publish the rows of a CSV file (also .gz, .zst) instead of a household, in one convention (default: generic).",
            valueName: "file"))
    var replay: String?

    @Option(help: ArgumentHelp("How many times as fast as it was recorded, or 'max'.", valueName: "number|max"))
    var speed = Rate.perSecond(1)

    @Option(help: ArgumentHelp("The column with the time (default: the first that holds one).", valueName: "name"))
    var timeColumn: String?

    @Option(help: ArgumentHelp("Only these columns, with commas between.", valueName: "names"))
    var columns: String?

    @Option(help: ArgumentHelp("The column that tells the device.", valueName: "name"))
    var deviceColumn: String?

    @Option(help: ArgumentHelp("What the device is called (default: the file's name).", valueName: "name"))
    var deviceName: String?

    @Option(
        help: ArgumentHelp(
            "What a column measures, such as T1=temperature: \(Quantity.known.map(\.metric).joined(separator: ", ")), or any other word.",
            valueName: "column=name"))
    var rename: [String] = []

    @Option(help: "Messages tell the recorded time, or that of their publication.")
    var times = ReplayTimes.recorded

    func validate() throws {
        for entry in rename where !entry.dropFirst().contains("=") {
            throw ValidationError("--rename must be COLUMN=NAME, not '\(entry)'.")
        }
    }

    /// Reads the file.
    func recording(of path: String) throws -> Recording {
        var options = Recording.Options()
        options.timeColumn = timeColumn
        options.deviceColumn = deviceColumn
        options.columns = columns?.split(separator: ",").map(String.init)
        for entry in rename {
            guard let sign = entry.lastIndex(of: "=") else { continue }
            options.names[String(entry[..<sign])] = String(entry[entry.index(after: sign)...])
        }
        let file = path.split(separator: "/").last ?? ""
        let stem = file.prefix { $0 != "." }
        return try Recording(CSVFile.lines(of: path), name: deviceName ?? String(stem), options: options)
    }
}

enum ReplayTimes: String, CaseIterable, ExpressibleByArgument {
    case recorded
    case now
}
