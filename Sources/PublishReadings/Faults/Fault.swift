import ArgumentParser

/// What can be wrong with the messages of real devices.
enum Fault: String, CaseIterable, ExpressibleByArgument {
    case duplicates
    case skew
    case late
    case garbage
    case flood

    /// For `--list`.
    var summary: String {
        switch self {
        case .duplicates: "one message in fifty comes twice"
        case .skew: "every second device with a clock has it hours off, drifting, or never set (1970)"
        case .late: "devices with a clock lose their connection for twenty seconds and then send what they kept"
        case .garbage: "one message in fifty is followed by a broken one: cut off, no UTF-8, huge, nested, noise"
        case .flood: "once a minute everything is announced again, and every last state sent again, retained"
        }
    }
}
