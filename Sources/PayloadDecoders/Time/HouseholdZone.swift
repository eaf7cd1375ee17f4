import Foundation
import Readings

/// The time zone in which a household's devices have their clocks, for times that come without one.
public struct HouseholdZone: Sendable, Hashable {
    private let zone: TimeZone

    /// The zone with this name of the IANA time-zone database, such as `Asia/Ho_Chi_Minh`; nil if there is none.
    public init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
    }

    private init(_ zone: TimeZone) {
        self.zone = zone
    }

    public static let utc = HouseholdZone(TimeZone(secondsFromGMT: 0) ?? .gmt)

    /// The zone that this machine is set to.
    public static var ofThisMachine: HouseholdZone { HouseholdZone(.current) }

    public var identifier: String { zone.identifier }

    /// How far clocks in the zone are ahead of UTC at `time`.
    func secondsEastOfUTC(at time: Timestamp) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: time.secondsSince1970))
    }
}
