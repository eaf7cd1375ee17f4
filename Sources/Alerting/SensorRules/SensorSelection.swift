import Readings

/// Which series a sensor rule watches.
struct SensorSelection: Sendable {
    /// What the series measure, if it is one of the known quantities.
    var quantity: SensorQuantity?
    /// Values beyond these are not believed.
    var plausible: ValueBounds?
    /// The conditions on names and labels, in the order in which they are written.
    var matchers: [LabelMatcher]

    /// The selector with further conditions on devices.
    func selector(_ further: [LabelMatcher] = []) -> String {
        var conditions = matchers
        for matcher in further {
            // "Any device" is said by every pattern, too.
            conditions.removeAll { $0.name == matcher.name && $0.operator == .notEqual && $0.value.isEmpty }
            conditions.append(matcher)
        }
        return "{" + conditions.map(\.description).joined(separator: ", ") + "}"
    }

    /// The condition that a series belongs to a device.
    static let anyDevice: [LabelMatcher] = {
        let isDevice = try? LabelMatcher(SensorSelection.device, .notEqual, "")
        return isDevice.map { [$0] } ?? []
    }()

    static let device = "device"
    /// By what a sensor rule tells devices apart: one household's never speak for another's.
    static let identity = "(household, device)"
}

/// A pattern of devices' names, in both directions.
struct DevicePattern: Sendable {
    /// The condition that a device fits …
    let included: LabelMatcher
    /// … and that it does not.
    let excluded: LabelMatcher

    init(_ pattern: String) throws(LinearRegexError) {
        included = try LabelMatcher(SensorSelection.device, .matches, pattern)
        excluded = try LabelMatcher(SensorSelection.device, .doesNotMatch, pattern)
    }
}
