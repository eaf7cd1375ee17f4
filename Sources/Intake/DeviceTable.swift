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

    private(set) var entries: [Key: DeviceDescription] = [:]

    mutating func note(_ convention: Convention?, of key: Key) {
        guard let convention, entries[key]?.convention != convention else { return }
        change(key) { $0.convention = convention }
    }

    mutating func note(_ state: DeviceState, household: String) {
        change(Key(household: household, device: state.device)) { description in
            description.available = state.available ?? description.available
            description.name = state.name ?? description.name
            description.model = state.model ?? description.model
            description.manufacturer = state.manufacturer ?? description.manufacturer
            description.room = state.room ?? description.room
        }
    }

    private mutating func change(_ key: Key, _ body: (inout DeviceDescription) -> Void) {
        if entries[key] == nil, entries.count >= DeviceTable.limit { return }
        body(&entries[key, default: DeviceDescription()])
    }
}

/// What a device's messages told about it in this run of the daemon. Fields that none told are nil.
public struct DeviceDescription: Sendable, Equatable {
    public var convention: Convention?
    public var available: Bool?
    public var name: String?
    public var model: String?
    public var manufacturer: String?
    public var room: String?
}
