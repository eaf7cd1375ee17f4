import ArgumentParser

/// The dialects that the simulated household speaks.
enum Convention: String, CaseIterable, ExpressibleByArgument {
    case tasmota
    case zigbee2mqtt
    case esphome
    /// A JSON object on a topic of its own, with its time in `ts`.
    case generic
    /// A number alone, one topic a metric.
    case plain
}
