import PayloadDecoders
import Readings

/// What is known of each device beside its readings: convention, name, model, availability.
struct DeviceTable: Sendable {
    struct Key: Hashable, Sendable {
        var household: String
        var device: String
    }

    /// Beyond this many devices only readings are kept, no descriptions: a bound on what a hostile publisher can fill.
    static let limit = 20_000
    /// Of one household: what it invents leaves room for the others.
    static let limitOfHousehold = 5_000

    /// Series of a device whose original unit is kept.
    static let originalUnitLimit = 256

    private(set) var entries: [Key: DeviceDescription] = [:]
    private var countByHousehold: [String: Int] = [:]
    /// Whose descriptions changed since they were last taken to be kept.
    private(set) var changed: Set<Key> = []

    mutating func note(_ convention: Convention?, of key: Key) {
        guard let convention, entries[key]?.convention != convention else { return }
        change(key) { $0.convention = convention }
    }

    /// - Parameter unit: in which the device gives the series, where that is converted; nil where it is kept as it comes.
    mutating func note(originalUnit unit: String?, of series: Labels, _ key: Key) {
        let name = DeviceDescription.name(of: series)
        // Mostly nothing is converted.
        guard unit != nil || entries[key]?.originalUnits[name] != nil else { return }
        change(key) { description in
            if unit != nil, description.originalUnits[name] == nil,
                description.originalUnits.count >= DeviceTable.originalUnitLimit
            {
                return
            }
            description.originalUnits[name] = unit
        }
    }

    mutating func note(_ state: DeviceState, household: String, at time: Timestamp) {
        change(Key(household: household, device: state.device)) { description in
            if let available = state.available, available != description.available {
                description.available = available
                description.availableSince = time
            }
            description.name = state.name ?? description.name
            description.model = state.model ?? description.model
            description.manufacturer = state.manufacturer ?? description.manufacturer
            description.room = state.room ?? description.room
        }
    }

    /// Takes what an earlier time told, where nothing is known yet: newer news stay.
    ///
    /// - Parameter isKept: whether it is what is kept already.
    mutating func fill(_ older: DeviceDescription, of key: Key, isKept: Bool) {
        let hadChanged = changed.contains(key)
        change(key) { description in
            description.convention = description.convention ?? older.convention
            description.name = description.name ?? older.name
            description.model = description.model ?? older.model
            description.manufacturer = description.manufacturer ?? older.manufacturer
            description.room = description.room ?? older.room
            description.originalUnits.merge(older.originalUnits) { newer, _ in newer }
            // The same news, told again by a retained message, is as old as it was.
            if description.available == nil || description.available == older.available {
                description.available = older.available
                description.availableSince = older.availableSince ?? description.availableSince
            }
        }
        if isKept, !hadChanged, entries[key] == older { changed.remove(key) }
    }

    /// The devices that changed; they count as kept from now on.
    mutating func takeChanged() -> [KnownDevice] {
        defer { changed = [] }
        return changed.compactMap { key in
            entries[key].map { KnownDevice(household: key.household, device: key.device, description: $0) }
        }
    }

    /// They could not be kept after all.
    mutating func putBack(_ devices: [KnownDevice]) {
        changed.formUnion(devices.map { Key(household: $0.household, device: $0.device) })
    }

    /// Nothing of what is known is kept any more.
    mutating func markAllChanged() {
        changed = Set(entries.keys)
    }

    private mutating func change(_ key: Key, _ body: (inout DeviceDescription) -> Void) {
        let before = entries[key]
        let count = before == nil ? countByHousehold[key.household] ?? 0 : 0
        if before == nil, entries.count >= DeviceTable.limit || count >= DeviceTable.limitOfHousehold { return }
        var description = before ?? DeviceDescription()
        body(&description)
        guard description != before else { return }
        if before == nil { countByHousehold[key.household] = count + 1 }
        entries[key] = description
        changed.insert(key)
    }
}

/// What a device's messages told about it. Fields that none told are nil.
public struct DeviceDescription: Sendable, Equatable {
    public var convention: Convention?
    public var available: Bool?
    /// When `available` was first told as it is.
    public var availableSince: Timestamp?
    public var name: String?
    public var model: String?
    public var manufacturer: String?
    public var room: String?
    /// By ``name(of:)``: the unit in which the device gives a series, where that is not the one in which it is kept.
    public var originalUnits: [String: String] = [:]

    public init(
        convention: Convention? = nil, available: Bool? = nil, availableSince: Timestamp? = nil, name: String? = nil,
        model: String? = nil, manufacturer: String? = nil, room: String? = nil,
        originalUnits: [String: String] = [:]
    ) {
        self.convention = convention
        self.available = available
        self.availableSince = availableSince
        self.name = name
        self.model = model
        self.manufacturer = manufacturer
        self.room = room
        self.originalUnits = originalUnits
    }

    /// What tells `series` from the others of its device: the metric, mostly.
    public static func name(of series: Labels) -> String {
        series.setting(LabelName.household, to: nil).setting(LabelName.device, to: nil).description
    }
}

/// A device with its description, as it is kept beyond the daemon's run.
public struct KnownDevice: Sendable, Equatable {
    public var household: String
    public var device: String
    public var description: DeviceDescription

    public init(household: String, device: String, description: DeviceDescription) {
        self.household = household
        self.device = device
        self.description = description
    }
}
