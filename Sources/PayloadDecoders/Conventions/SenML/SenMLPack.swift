import Readings

/// Resolves the records of a pack, one after the other (RFC 8428 §4.6): what a base field says holds until the next one.
struct SenMLPack {
    /// Version 10 is RFC 8428 itself. RFC 9100 adds 2^n for each feature n; of those we know the secondary units (4).
    private static let version = 10.0
    private static let versionWithSecondaryUnits = 26.0
    /// Times below it are relative to now (§4.5.3).
    private static let firstAbsoluteTime = 0x1p28

    private let arrival: Arrival
    private var baseName = ""
    /// What of the base name is the device, if records have names, too.
    private var baseDevice = ""
    private var baseTime = 0.0
    private var baseUnit: String?
    private var baseValue = 0.0

    init(arrival: Arrival) {
        self.arrival = arrival
    }

    /// Adds a record's reading, if it has one.
    mutating func add(
        _ record: SenMLRecord, context: inout DecodingContext, into message: inout DecodedMessage
    ) throws(SenMLFault) {
        if let obligation = record.obligation { throw .mustUnderstand(obligation) }
        if let version = record.version, version > SenMLPack.version, version != SenMLPack.versionWithSecondaryUnits {
            throw .version(version)
        }
        if let name = record.baseName {
            baseName = name
            baseDevice = CanonicalText.composed(SenMLPack.withoutSeparator(name))
        }
        if let time = record.baseTime { baseTime = time }
        if let unit = record.baseUnit { baseUnit = unit }
        if let value = record.baseValue { baseValue = value }
        guard record.hasValue else { return }

        let identity = try identity(of: record)
        let symbol = record.unit ?? baseUnit
        var unit: CanonicalUnit?
        let value: Double
        if let number = record.value {
            value = number + baseValue
            unit = symbol.flatMap(SenMLUnits.unit)
        } else if let flag = record.flag {
            value = flag ? 1 : 0
        } else {
            return
        }
        let metric: String
        if var name = identity.name {
            let key = name.withUTF8 { context.keys.key(UnsafeRawBufferPointer($0)) }
            guard key.role == .field else { return }
            metric = SnakeCase.metric(key.word)
        } else {
            metric = symbol.flatMap(SenMLUnits.quantity) ?? "value"
        }
        let seconds = baseTime + (record.time ?? 0)
        // How old a stored message's relative times are nobody knows.
        if arrival.isRetained, seconds < SenMLPack.firstAbsoluteTime { return }
        message.add(
            value, unit: unit, of: metric, device: identity.device, deviceTime: time(seconds, context: &context),
            arrival: arrival)
    }

    /// Nil if it is now.
    private func time(_ seconds: Double, context: inout DecodingContext) -> DeviceTime? {
        if seconds == 0 { return nil }
        guard seconds < SenMLPack.firstAbsoluteTime, let offset = Timestamp(secondsSince1970: seconds) else {
            return WrittenTime(epoch: seconds).map { context.clock.read($0, receivedAt: arrival.receivedAt) }
        }
        let instant = arrival.receivedAt.advanced(byMilliseconds: offset.milliseconds)
        var time = context.clock.read(.instant(instant), receivedAt: arrival.receivedAt)
        time.isRelative = true
        return time
    }

    // MARK: - Names

    /// Base name and name together name one thing, but where the device ends in it is not told. If there are both, the
    /// base name is the device; if there is one, all before its last slash; else the unit must tell the metric.
    private func identity(of record: SenMLRecord) throws(SenMLFault) -> (device: String, name: String?) {
        let name = record.name ?? ""
        // A pack says its base name once, and each record would look through all of it.
        let length = baseName.utf8.count + name.utf8.count
        guard length <= DecoderLimits.topicBytes else { throw .name(.tooLong(length)) }
        let device: String
        var rest: String?
        if !baseName.isEmpty, !name.isEmpty {
            device = baseDevice
            rest = name
        } else {
            let whole = baseName + name
            if let slash = whole.utf8.lastIndex(of: UInt8(ascii: "/")), slash > whole.startIndex {
                device = CanonicalText.composed(String(whole[..<slash]))
                let behind = whole[whole.utf8.index(after: slash)...]
                if !behind.isEmpty { rest = String(behind) }
            } else {
                device = CanonicalText.composed(whole)
            }
        }
        if let fault = SafeName.fault(in: device) { throw .name(fault) }
        return (device, rest)
    }

    private static func withoutSeparator(_ name: String) -> String {
        guard let last = name.utf8.last, ":/_.-".utf8.contains(last), name.utf8.count > 1 else { return name }
        return String(name[..<name.utf8.index(before: name.endIndex)])
    }
}

/// Why a pack is refused.
enum SenMLFault: Error {
    case cbor(CBORFault)
    case mustUnderstand(String)
    case version(Double)
    case name(NameFault)

    var refusal: Refusal {
        switch self {
        case .cbor(let fault): fault.refusal
        case .mustUnderstand(let label):
            Refusal(
                .unsupported,
                "the SenML label \(SafeName.shown(label) ?? "…") must be understood to read the pack, and is not known")
        case .version(let version): Refusal(.unsupported, "SenML version \(version); at most 10 is known")
        case .name(.empty): Refusal(.invalidName, "a SenML record has neither base name nor name")
        case .name(let fault): Refusal(.invalidName, "in a SenML record \(fault)")
        }
    }
}
