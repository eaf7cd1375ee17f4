import Intake
import PayloadDecoders
import PromQL
import Readings

/// The series of the store, and what is known of devices now as series for rules to look at: `device_info{convention=…}`, always 1,
/// and `device_available`, 1 or 0, of those that tell. Only who names them finds them, so that no export and no list of a device's
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
        let name = matchers.first { $0.name == LabelName.metric && $0.operator == .equal }?.value
        guard name == DescribedSource.info || name == DescribedSource.available else { return found }
        let described = ledger.describedDevices.compactMap { device in
            name == DescribedSource.info ? info(of: device, in: range) : availability(of: device, in: range)
        }
        let wanted = described.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
        return (found + wanted).sorted { $0.labels < $1.labels }
    }

    private func info(of device: KnownDevice, in range: ClosedRange<Timestamp>) -> DescribedSeries? {
        guard let convention = device.description.convention else { return nil }
        let labels = labels(of: device, DescribedSource.info).setting("convention", to: convention.rawValue)
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
