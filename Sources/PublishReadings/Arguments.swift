import ArgumentParser

/// How fast: so many in a second, or as fast as they are taken.
enum Rate: ExpressibleByArgument, CustomStringConvertible {
    case perSecond(Double)
    case max

    init?(argument: String) {
        if argument == "max" {
            self = .max
        } else if let number = Double(argument), (0.001...1e7).contains(number) {
            self = .perSecond(number)
        } else {
            return nil
        }
    }

    var number: Double? {
        if case .perSecond(let number) = self { number } else { nil }
    }

    var description: String { number.map { text($0, 0) } ?? "max" }
    var defaultValueDescription: String { description }
}

/// How often a device reports.
enum Interval: ExpressibleByArgument {
    case seconds(Double)
    /// As devices of its kind do.
    case real

    init?(argument: String) {
        if argument == "real" {
            self = .real
        } else if let number = Double(argument), (0.001...86_400).contains(number) {
            self = .seconds(number)
        } else {
            return nil
        }
    }
}

/// The name of a convention that is spoken.
struct ConventionName: ExpressibleByArgument {
    let convention: any Convention

    init?(argument: String) {
        guard let convention = Conventions.named(argument) else { return nil }
        self.convention = convention
    }

    static var allValueStrings: [String] { Conventions.all.map(\.name) }
}

extension BrokerAddress {
    static let local = BrokerAddress(host: "127.0.0.1", port: 1883)

    private init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}
