import PayloadDecoders
import Readings

/// A series that messages have named, and what is known of it beside its samples.
final class KnownSeries {
    let ref: SeriesRef
    let labels: Labels
    let unit: String?
    /// As which its newest reading came.
    fileprivate(set) var field: ReadingField
    /// In which its device gives it, as `Reading.originalUnit`; nil until a reading of this run has told.
    var originalUnit: String??
    /// By which its newest reading was told.
    var convention: Convention?
    /// The time given to the newest reading that had none of its own; at first the series' newest time.
    var lastArrival: Timestamp?
    /// How often our clock had been set back when that was given; nil at first.
    var clockSettings: Int?

    init(ref: SeriesRef, labels: Labels, unit: String?, field: ReadingField, lastArrival: Timestamp?) {
        self.ref = ref
        self.labels = labels
        self.unit = unit
        self.field = field
        self.lastArrival = lastArrival
    }
}

/// The series of a device. Its messages mostly tell the same fields in the same order, and then a series is found without a
/// look at any text.
final class DeviceSeries {
    private struct Name: Hashable {
        var metric: String
        var labels: [Label]
    }

    let key: DeviceTable.Key
    private var all: [KnownSeries] = []
    private var indexesByName: [Name: Int] = [:]
    /// Of the fields that the series hold, which therefore are no others.
    private var indexesByField: [ObjectIdentifier: Int] = [:]
    /// Behind the series that was found last.
    private var next = 0

    fileprivate init(key: DeviceTable.Key) {
        self.key = key
    }

    fileprivate var count: Int { all.count }

    /// The series of a field; nil if it is new.
    func find(_ field: ReadingField) -> KnownSeries? {
        if next < all.count, all[next].field === field {
            next += 1
            return all[next - 1]
        }
        let index =
            indexesByField[ObjectIdentifier(field)]
            ?? indexesByName[Name(metric: field.metric, labels: field.labels)]
        guard let index else { return nil }
        next = index + 1
        let known = all[index]
        if known.field !== field {
            indexesByField[ObjectIdentifier(known.field)] = nil
            indexesByField[ObjectIdentifier(field)] = index
            known.field = field
        }
        return known
    }

    /// Keeps a series, instead of the one that its name stood for. True if there was none.
    fileprivate func keep(_ series: KnownSeries) -> Bool {
        let name = Name(metric: series.field.metric, labels: series.field.labels)
        if let index = indexesByName[name] {
            indexesByField[ObjectIdentifier(all[index].field)] = nil
            indexesByField[ObjectIdentifier(series.field)] = index
            all[index] = series
            return false
        }
        indexesByName[name] = all.count
        indexesByField[ObjectIdentifier(series.field)] = all.count
        all.append(series)
        return true
    }
}

/// The series that messages have named since the start, by device.
struct SeriesTable {
    private var devices: [DeviceTable.Key: DeviceSeries] = [:]
    /// The readings of a message are mostly of one device.
    private var last: DeviceSeries?
    /// How many series there are.
    private(set) var count = 0

    mutating func device(_ device: String, household: String) -> DeviceSeries {
        if let last, last.key.device == device, last.key.household == household { return last }
        let key = DeviceTable.Key(household: household, device: device)
        let found = devices[key] ?? DeviceSeries(key: key)
        // One without series is not worth remembering: topics alone could make any number of them.
        last = found
        return found
    }

    mutating func keep(_ series: KnownSeries, of device: DeviceSeries) {
        devices[device.key] = device
        if device.keep(series) { count += 1 }
    }

    mutating func removeAll() {
        self = SeriesTable()
    }
}
