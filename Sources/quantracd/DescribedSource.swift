import Intake
import PayloadDecoders
import PromQL
import Readings

/// The series of the store, and what is known of devices now as series for rules to look at: `device_info{convention=…}`, always 1, with
/// `gateway` where there are several; and `device_available`, 1 or 0, of those that tell. Only who names them finds them, so that no export and no list of a device's
/// metrics has more than was measured.
struct DescribedSource: SeriesSource {
    let base: any SeriesSource
    let ledger: IntakeLedger

    private static let info = "device_info"
    private static let available = "device_available"
    /// What no message told as a reading.
    static let metrics: Set<String> = [info, available]

    func series(
        matching matchers: [LabelMatcher], in range: ClosedRange<Timestamp>
    ) throws -> [any SelectedSeries] {
        let found = try base.series(matching: matchers, in: range)
        guard DescribedSource.describes(matchers) else { return found }
        let name = DescribedSource.name(matchers)
        let devices = ledger.describedDevices
        let described =
            name == DescribedSource.info
            ? infos(of: devices, in: range) : devices.compactMap { availability(of: $0, in: range) }
        let wanted = described.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
        return (found + wanted).sorted { $0.labels < $1.labels }
    }

    /// Whether more than the store's series is asked for.
    static func describes(_ matchers: [LabelMatcher]) -> Bool {
        name(matchers).map(metrics.contains) ?? false
    }

    private static func name(_ matchers: [LabelMatcher]) -> String? {
        matchers.first { $0.name == LabelName.metric && $0.operator == .equal }?.value
    }

    var mayBeDamaged: Bool { base.mayBeDamaged }

    private func infos(of devices: [KnownDevice], in range: ClosedRange<Timestamp>) -> [DescribedSeries] {
        let bridges = ZigbeeBridges(devices)
        return devices.compactMap { info(of: $0, behind: bridges.gateway(of: $0), in: range) }
    }

    private func info(
        of device: KnownDevice, behind gateway: String?, in range: ClosedRange<Timestamp>
    ) -> DescribedSeries? {
        guard let convention = device.description.convention else { return nil }
        let labels = labels(of: device, DescribedSource.info).setting("convention", to: convention.rawValue)
            .setting("gateway", to: gateway)
        return DescribedSeries(labels: labels, sample: Sample(time: range.upperBound, value: 1))
    }

    /// Nil also for the time before it was told as it is now: what it was then is not known.
    private func availability(of device: KnownDevice, in range: ClosedRange<Timestamp>) -> DescribedSeries? {
        let description = device.description
        guard let available = description.available, let since = description.availableSince, since <= range.upperBound
        else { return nil }
        return DescribedSeries(
            labels: labels(of: device, DescribedSource.available),
            sample: Sample(time: range.upperBound, value: available ? 1 : 0))
    }

    private func labels(of device: KnownDevice, _ metric: String) -> Labels {
        [LabelName.metric: metric, LabelName.household: device.household, LabelName.device: device.device]
    }
}

/// Zigbee2MQTT's bridges beside the usual one. They tell by themselves whether they are there, as the device `BASE/bridge`, and
/// the names of their devices begin with their base.
private struct ZigbeeBridges {
    private struct Base: Hashable {
        let household: String
        let name: Substring
    }

    private var bases: Set<Base> = []

    init(_ devices: [KnownDevice]) {
        for device in devices where device.device.hasSuffix("/bridge") {
            bases.insert(Base(household: device.household, name: device.device.dropLast("/bridge".count)))
        }
    }

    /// The base behind which the device is, the longest of several; nil if that is the usual one.
    func gateway(of device: KnownDevice) -> String? {
        guard device.description.convention == .zigbee2MQTT, !bases.isEmpty else { return nil }
        var name = device.device[...]
        while let slash = name.lastIndex(of: "/") {
            name = name[..<slash]
            if bases.contains(Base(household: device.household, name: name)) { return String(name) }
        }
        return nil
    }
}

/// A series with one sample, at the end of the time that is asked for.
private struct DescribedSeries: SelectedSeries {
    let labels: Labels
    let sample: Sample
    var unit: String? { nil }
    var last: Sample? { sample }

    func forEachRun(in range: ClosedRange<Timestamp>, _ body: (Span<Sample>) throws -> Bool) throws {
        if range.contains(sample.time) { _ = try body([sample].span) }
    }
}
