import ConfigurationFile
import Energy
import Foundation
import Yams

/// Reads a tariff file: `config/tariffs/vietnam-household.yaml` shows its form.
struct TariffReader {
    private let file: String

    /// The tariff in `text`.
    ///
    /// - Parameter file: its name in errors, which tell the line.
    static func tariff(in text: String, named file: String) throws(ConfigurationError) -> Tariff {
        guard let root = try YAMLText.compose(text, named: file) else {
            throw ConfigurationError(place: file, problem: "the tariff is empty")
        }
        return try TariffReader(file: file).tariff(root)
    }

    private func tariff(_ root: Node) throws(ConfigurationError) -> Tariff {
        var tariff = Tariff(
            name: "", currency: "", unit: "kWh", rounding: .init(consumption: 0, steps: 0, money: 0), prices: [],
            taxes: [], fees: [])
        for (key, value) in try YAMLText.members(of: root, "the tariff", file) {
            switch key {
            case "name": tariff.name = try text(value, key)
            case "currency": tariff.currency = try text(value, key)
            case "unit": tariff.unit = try text(value, key)
            case "decimals": tariff.rounding = try rounding(value)
            case "prices":
                tariff.prices = try dated(value, key, "steps") { (node) throws(ConfigurationError) in
                    try self.steps(node)
                }
            case "tax":
                tariff.taxes = try dated(value, key, "percent") { (node) throws(ConfigurationError) in
                    try self.amount(node, "percent")
                }
            case "fee":
                tariff.fees = try dated(value, key, "perMonth") { (node) throws(ConfigurationError) in
                    try self.amount(node, "perMonth")
                }
            default:
                throw error(value, key, "unknown key; there are name, currency, unit, decimals, prices, tax and fee")
            }
        }
        guard !tariff.prices.isEmpty else { throw error(root, "prices", "are missing") }
        guard !tariff.currency.isEmpty else { throw error(root, "currency", "is missing, such as VND") }
        return tariff
    }

    private func rounding(_ node: Node) throws(ConfigurationError) -> Tariff.Rounding {
        var rounding = Tariff.Rounding(consumption: 0, steps: 0, money: 0)
        for (key, value) in try YAMLText.members(of: node, "decimals", file) {
            guard let digits = Int(try text(value, key)), (0...9).contains(digits) else {
                throw error(value, key, "must be a whole number from 0 to 9")
            }
            switch key {
            case "consumption": rounding.consumption = digits
            case "steps": rounding.steps = digits
            case "money": rounding.money = digits
            default: throw error(value, key, "unknown key of decimals; there are consumption, steps and money")
            }
        }
        return rounding
    }

    /// A list of what counts from a day on, ascending.
    private func dated<Value: Hashable & Sendable>(
        _ node: Node, _ name: String, _ valueKey: String, _ read: (Node) throws(ConfigurationError) -> Value
    ) throws(ConfigurationError) -> [Tariff.Dated<Value>] {
        guard let items = node.sequence, !items.isEmpty else { throw error(node, name, "must be a list") }
        var all: [Tariff.Dated<Value>] = []
        for item in items {
            var from: CivilDate?
            var value: Value?
            for (key, node) in try YAMLText.members(of: item, name, file) {
                switch key {
                case "from":
                    guard let date = CivilDate(try text(node, key)) else {
                        throw error(node, key, "must be a day such as 2025-05-10")
                    }
                    from = date
                case valueKey: value = try read(node)
                default: throw error(node, key, "unknown key of \(name); there are from and \(valueKey)")
                }
            }
            guard let from else { throw error(item, "from", "is missing: the day from which it counts") }
            guard let value else { throw error(item, valueKey, "is missing") }
            if let last = all.last, last.from >= from {
                throw error(item, "from", "must be later than the entry before")
            }
            all.append(.init(from: from, value: value))
        }
        return all
    }

    private func steps(_ node: Node) throws(ConfigurationError) -> [Tariff.Step] {
        guard let items = node.sequence, !items.isEmpty else {
            throw error(node, "steps", "must be a list, such as [{ upTo: 50, price: 1984 }, { price: 2050 }]")
        }
        var steps: [Tariff.Step] = []
        for item in items {
            var upTo: Decimal?
            var price: Decimal?
            for (key, value) in try YAMLText.members(of: item, "steps", file) {
                switch key {
                case "upTo": upTo = try amount(value, key)
                case "price": price = try amount(value, key)
                default: throw error(value, key, "unknown key of a step; there are upTo and price")
                }
            }
            guard let price else { throw error(item, "price", "is missing") }
            if let last = steps.last {
                guard let end = last.upTo else { throw error(item, "steps", "nothing can follow a step without upTo") }
                if let upTo, upTo <= end { throw error(item, "upTo", "must be more than that of the step before") }
            } else if let upTo, upTo <= 0 {
                throw error(item, "upTo", "must be more than 0")
            }
            steps.append(.init(upTo: upTo, price: price))
        }
        guard steps.last?.upTo == nil else { throw error(node, "steps", "the last step must be one without upTo") }
        return steps
    }

    /// A decimal number as it is written, 0 or more: no binary fractions on the way.
    private func amount(_ node: Node, _ key: String) throws(ConfigurationError) -> Decimal {
        let text = try text(node, key)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 18, (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let amount = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
        else { throw error(node, key, "must be a number such as 1984 or 0.25") }
        return amount
    }

    private func text(_ node: Node, _ key: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(node, key, "must be a text") }
        return text
    }

    private func error(_ node: Node, _ key: String, _ problem: String) -> ConfigurationError {
        YAMLText.error(node, file, key, problem)
    }
}
