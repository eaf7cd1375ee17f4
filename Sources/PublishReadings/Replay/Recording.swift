/// A table of measurements in the order of their times, as a CSV file holds it.
struct Recording: Sendable {
    struct Options: Sendable {
        /// Nil: the first one whose first row is a time.
        var timeColumn: String?
        /// Nil: all with numbers.
        var columns: [String]?
        /// Nil: the whole file is of one device.
        var deviceColumn: String?
        /// What is measured, by column.
        var names: [String: String] = [:]
    }

    struct Row: Sendable {
        /// Milliseconds since 1970.
        var time: Int64
        /// Index in `devices`.
        var device: Int
        var measurements: [Measurement]
    }

    let devices: [String]
    let quantities: [Quantity]
    let rows: [Row]
    /// Rows without a time that could be read.
    let skipped: Int

    /// - Parameters:
    ///   - lines: head line and rows.
    ///   - name: what the device is called if no column tells it.
    init(_ lines: [String], name: String, options: Options) throws {
        guard lines.count >= 2, let head = lines.first else { throw ReplayError.empty(name) }
        let separator = CSVFile.separator(of: head)
        let columns = CSVFile.fields(head, separator: separator)
        func index(of column: String) throws -> Int {
            guard let index = columns.firstIndex(of: column) else { throw ReplayError.noColumn(column, among: columns) }
            return index
        }
        let firstRow = CSVFile.fields(lines[1], separator: separator)
        let timeIndex =
            try options.timeColumn.map(index) ?? firstRow.firstIndex { WrittenTimes.milliseconds($0) != nil }
        guard let timeIndex else { throw ReplayError.noTime(columns) }
        let deviceIndex = try options.deviceColumn.map(index)
        for column in options.names.keys.sorted() { _ = try index(of: column) }

        var fields = try options.columns?.map(index) ?? columns.indices.filter { $0 != timeIndex && $0 != deviceIndex }
        let quantities = Dictionary(
            uniqueKeysWithValues: fields.map { ($0, ColumnNames.quantity(options.names[columns[$0]] ?? columns[$0])) })
        var seen: Set<Int> = []
        var devices: [String] = []
        var indexes: [String: Int] = [:]
        var rows: [Row] = []
        rows.reserveCapacity(lines.count)
        var skipped = 0
        for line in lines.dropFirst() where !line.isEmpty {
            let texts = CSVFile.fields(line, separator: separator)
            guard timeIndex < texts.count, let time = WrittenTimes.milliseconds(texts[timeIndex]) else {
                skipped += 1
                continue
            }
            let device = deviceIndex.flatMap { $0 < texts.count ? "\(name)-\(texts[$0])" : nil } ?? name
            let deviceNumber = indexes[device] ?? devices.count
            if deviceNumber == devices.count {
                guard !device.isEmpty, !device.contains(where: { "+#/\0".contains($0) }) else {
                    throw ReplayError.badName(device)
                }
                indexes[device] = deviceNumber
                devices.append(device)
            }
            let measurements = fields.compactMap { field -> Measurement? in
                guard field < texts.count, let quantity = quantities[field], let value = Double(texts[field]),
                    value.magnitude < 1e9
                else { return nil }
                seen.insert(field)
                return Measurement(quantity, value, digits: Recording.decimals(of: texts[field]))
            }
            rows.append(Row(time: time, device: deviceNumber, measurements: measurements))
        }
        fields.removeAll { !seen.contains($0) }
        guard !fields.isEmpty else { throw ReplayError.noNumbers(name) }
        self.quantities = fields.compactMap { quantities[$0] }
        self.devices = devices
        // In the order of the file where times are equal.
        self.rows = rows.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        self.skipped = skipped
    }

    /// As many as are written, but of `2.90E+00` a few.
    private static func decimals(of text: String) -> Int {
        if text.contains(where: { $0 == "e" || $0 == "E" }) { return 6 }
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
        return min(6, text.utf8.distance(from: point, to: text.utf8.endIndex) - 1)
    }
}

/// What columns measure, by their names.
enum ColumnNames {
    /// A quantity that is known by this name or one like it, else a new one.
    static func quantity(_ name: String) -> Quantity {
        let word = word(name)
        if let known = Quantity.known.first(where: { $0.metric == word }) { return known }
        switch word {
        case "temp", "temperature_c": return .temperature
        case "hum", "humidity_pct": return .humidity
        case "sds_p1": return .coarseDust
        case "sds_p2", "pm25": return .fineDust
        default: return Quantity(word, digits: 3)
        }
    }

    /// Small Latin letters, digits, and `_` for whatever else.
    private static func word(_ name: String) -> String {
        var word = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": word.unicodeScalars.append(scalar)
            case "A"..."Z": word += scalar.properties.lowercaseMapping
            default: if !word.isEmpty, word.last != "_" { word += "_" }
            }
        }
        while word.last == "_" { word.removeLast() }
        guard let first = word.first else { return "value" }
        return first.isNumber ? "column_" + word : word
    }
}
