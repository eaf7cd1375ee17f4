import QueryAPI
import Readings

/// `quantrac devices` and `quantrac latest`: tables for people, rows for programs.
struct DevicesPage: Sendable {
    var devices: [DeviceReport]
    var texts: Texts
    var clock: LocalClock

    // MARK: devices

    func devicesTable() -> Table {
        var table = Table(columns: [
            .init(title: texts(.device), shrinks: true), .init(title: texts(.name), shrinks: true),
            .init(title: texts(.room), shrinks: true), .init(title: texts(.model), shrinks: true),
            .init(title: texts(.convention)), .init(title: texts(.state)), .init(title: texts(.lastSeen)),
            .init(title: texts(.clock)), .init(title: texts(.battery), isNumber: true),
            .init(title: texts(.signal), isNumber: true), .init(title: texts(.metrics), shrinks: true),
        ])
        table.rows = devices.map { device in
            let age = device.lastSeen.flatMap(instant).map { texts.ago(clock.now.milliseconds(since: $0)) }
            let battery = device.battery
            let isLow = battery.map { $0.unit == "%" && $0.value <= 15 } ?? false
            return [
                .init(device.device), .init(device.name == device.device ? "" : device.name ?? ""),
                .init(device.room ?? ""), .init(device.model ?? ""), .init(device.convention ?? ""),
                availability(of: device), .init(age ?? ""), wrongClock(of: device),
                .init(battery.map { UnitText.value($0.value, unit: $0.unit) } ?? "", isLow ? .warning : .plain),
                .init(device.signal.map { UnitText.value($0.value, unit: $0.unit) } ?? ""),
                .init(device.metrics.map(\.metric).uniqued().joined(separator: ", ")),
            ]
        }
        return withHousehold(table, devices.map(\.household)).withoutEmptyColumns(keeping: 1)
    }

    private func availability(of device: DeviceReport) -> Table.Cell {
        guard let available = device.available else { return .init("") }
        if available { return .init(texts(.online)) }
        guard let since = device.availableSince.flatMap(instant) else { return .init(texts(.offline), .warning) }
        let duration = texts.duration(milliseconds: clock.now.milliseconds(since: since), coarse: true)
        return .init(texts(.offlineFor(duration)), .warning)
    }

    private func wrongClock(of device: DeviceReport) -> Table.Cell {
        guard let offset = device.clockOffsetSeconds else { return .init("") }
        let duration = texts.duration(seconds: abs(offset), coarse: true)
        return .init(texts(offset > 0 ? .clockAhead(duration) : .clockBehind(duration)), .warning)
    }

    func devicesCSV() -> [String] {
        CSV.lines(
            [
                "household", "device", "convention", "name", "room", "model", "manufacturer", "available",
                "last_seen", "battery", "battery_unit", "signal", "signal_unit", "metrics", "available_since",
                "clock_offset_seconds",
            ],
            devices.map { device in
                [
                    device.household, device.device, device.convention ?? "", device.name ?? "", device.room ?? "",
                    device.model ?? "", device.manufacturer ?? "", device.available.map { "\($0)" } ?? "",
                    device.lastSeen ?? "", device.battery.map { NumberText.exact($0.value) } ?? "",
                    device.battery?.unit ?? "", device.signal.map { NumberText.exact($0.value) } ?? "",
                    device.signal?.unit ?? "", device.metrics.map(\.metric).uniqued().joined(separator: " "),
                    device.availableSince ?? "", device.clockOffsetSeconds.map(NumberText.exact) ?? "",
                ]
            })
    }

    // MARK: latest

    /// The newest value of each series, as the API's live stream shapes a reading.
    func latest() -> [LiveReading] {
        devices.flatMap { device in
            device.metrics.map {
                LiveReading(
                    household: device.household, device: device.device, metric: $0.metric, labels: $0.labels,
                    unit: $0.unit, value: $0.value, originalUnit: $0.originalUnit,
                    originalValue: $0.originalValue, time: $0.time)
            }
        }
    }

    func latestTable() -> Table {
        var table = Table(columns: [
            .init(title: texts(.device), shrinks: true), .init(title: texts(.metric), shrinks: true),
            .init(title: texts(.value), isNumber: true), .init(title: texts(.unit)),
            .init(title: texts(.age), isNumber: true),
        ])
        var households: [String] = []
        for device in devices {
            for metric in device.metrics {
                let age = instant(metric.time).map { clock.now.milliseconds(since: $0) }
                let isOld = (age ?? 0) > 86_400_000
                table.rows.append([
                    .init(device.name ?? device.device), .init(metric.metric + SeriesName.suffix(metric.labels)),
                    .init(NumberText.readable(metric.value)), .init(UnitText.human(metric.unit)),
                    .init(age.map { texts.age($0) } ?? "", isOld ? .faint : (age ?? 0) < -60_000 ? .warning : .plain),
                ])
                households.append(device.household)
            }
        }
        return withHousehold(table, households)
    }

    func latestCSV() -> [String] {
        CSV.lines(
            ["household", "device", "metric", "labels", "value", "unit", "time", "original_value", "original_unit"],
            latest().map {
                [
                    $0.household, $0.device, $0.metric, SeriesName.suffix($0.labels), NumberText.exact($0.value),
                    $0.unit ?? "", $0.time, $0.originalValue.map(NumberText.exact) ?? "", $0.originalUnit ?? "",
                ]
            })
    }

    /// With a first column for the household where there are several.
    private func withHousehold(_ table: Table, _ households: [String]) -> Table {
        guard Set(households).count > 1 else { return table }
        var table = table
        table.columns.insert(.init(title: texts(.household)), at: 0)
        table.rows = zip(households, table.rows).map { [.init($0)] + $1 }
        return table
    }

    private func instant(_ text: String) -> Timestamp? {
        InstantText.parse(text, clock: clock)
    }
}

/// The part of a series' name that is not its metric.
enum SeriesName {
    /// `{phase="a"}` in the notation of PromQL; nothing if there are no labels.
    static func suffix(_ labels: [String: String]) -> String {
        if labels.isEmpty { return "" }
        let sorted = labels.sorted { $0.key < $1.key }
        return "{" + sorted.map { "\($0.key)=\"\(Labels.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first place.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
