/// What a key of a JSON object, or a topic level that stands for one, is to us.
struct FieldKey: Sendable {
    enum Role: Sendable, Equatable {
        /// It may hold readings.
        case field
        /// The time of the message, or of the object around it. If there are several, the lowest rank counts.
        case time(rank: Int)
        /// Who or what a device is, times of something else, or a name that we don't show: never a reading.
        case neverReading
    }

    let word: String
    let role: Role

    init(_ raw: String) {
        word = SnakeCase.word(raw)
        if raw.utf8.count > SnakeCase.longestKey || word.utf8.count > DecoderLimits.nameBytes
            || SafeName.firstUnsafeScalar(in: raw) != nil
        {
            role = .neverReading
        } else {
            role = FieldKey.role(of: word)
        }
    }

    /// By the letters alone, so that `device_id`, `deviceId` and `DEVICEID` are one.
    private static func role(of word: String) -> Role {
        let letters = word.filter { $0 != "_" }
        if let rank = times.firstIndex(of: letters) { return .time(rank: rank) }
        if identities.contains(letters) || timeSuffixes.contains(where: word.hasSuffix) { return .neverReading }
        return .field
    }

    private static let identities: Set<String> = [
        "id", "uid", "uuid", "mac", "addr", "address", "ip", "ssid", "bssid", "imei", "serial", "serialnumber", "eui",
        "deveui", "device", "deviceid", "gwmac", "version", "messageid",
    ]

    /// What says when it was measured comes before what says when it was passed on.
    private static let times = [
        "time", "timestamp", "ts", "datetime", "date", "epoch", "utc", "lastseen", "tst", "unixtime", "measuredat",
        "eventtime", "createdat", "receivedat",
    ]

    private static let timeSuffixes = ["_ts", "_timestamp", "_epoch"]
}
