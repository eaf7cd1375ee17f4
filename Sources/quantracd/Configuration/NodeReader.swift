import ConfigurationFile
import Delivery
import Foundation
import PromQL
import Readings
import Yams

/// Reads single values of a group of keys, with errors that name the place and the key.
struct NodeReader {
    let file: String
    /// The group's, such as `alerts.notify`.
    let key: String

    func text(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty, !YAMLText.isNull(node), !text.contains(where: \.isNewline)
        else { throw wrong(node, name, "a text") }
        return text
    }

    func optionalText(_ node: Node, _ name: String) throws(ConfigurationError) -> String? {
        YAMLText.isNull(node) ? nil : try text(node, name)
    }

    func texts(_ node: Node, _ name: String) throws(ConfigurationError) -> [String] {
        guard let sequence = node.sequence else { throw wrong(node, name, "a list of labels") }
        return try sequence.map { node throws(ConfigurationError) in try text(node, name) }
    }

    func flag(_ node: Node, _ name: String) throws(ConfigurationError) -> Bool {
        guard let value = ["true": true, "false": false][node.scalar?.string ?? ""] else {
            throw wrong(node, name, "true or false")
        }
        return value
    }

    func number(_ node: Node, _ name: String, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let value = (node.scalar?.string).flatMap(Int.init), range.contains(value) else {
            throw wrong(node, name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func duration(
        _ node: Node, _ name: String, _ range: ClosedRange<Duration>
    ) throws(ConfigurationError) -> Duration {
        guard let value = (node.scalar?.string).flatMap(Duration.init(configurationText:)), range.contains(value) else {
            throw wrong(
                node, name,
                "a time such as 30s, 5m or 4h, from \(range.lowerBound.inSeconds.formatted()) to "
                    + "\(range.upperBound.inSeconds.formatted()) seconds")
        }
        return value
    }

    /// Hours as `22:00-07:00`.
    func hours(
        _ node: Node, _ name: String, days: Set<Int>, zone: TimeZone
    ) throws(ConfigurationError) -> LocalHours {
        guard let hours = LocalHours(node.scalar?.string ?? "", days: days, zone: zone) else {
            throw wrong(node, name, "hours such as \"22:00-07:00\"")
        }
        return hours
    }

    /// `hours`, and if they are there `days` and `zone`; there must be nothing else.
    func localHours(
        _ members: [(name: String, value: Node)], of group: Node
    ) throws(ConfigurationError) -> LocalHours {
        var days = LocalHours.everyDay
        var zone = TimeZone.current
        var hours: Node?
        for (name, value) in members {
            switch name {
            case "hours": hours = value
            case "days": days = try self.days(value, name)
            case "zone": zone = try self.zone(value, name)
            default: throw error(value, "\(key).\(name)", "unknown key; config/quantrac.yaml shows all keys")
            }
        }
        guard let hours else { throw error(group, "\(key).hours", "must be set, such as \"22:00-07:00\"") }
        return try self.hours(hours, "hours", days: days, zone: zone)
    }

    /// A time of day such as `07:00`, in minutes since midnight.
    func minute(_ node: Node, _ name: String) throws(ConfigurationError) -> Int {
        guard let minute = LocalHours.minute(node.scalar?.string ?? ""), minute < 1440 else {
            throw wrong(node, name, "a time of day such as \"07:00\"")
        }
        return minute
    }

    /// Days of the week; 0 is Sunday.
    func days(_ node: Node, _ name: String) throws(ConfigurationError) -> Set<Int> {
        Set(
            try texts(node, name).map { text throws(ConfigurationError) in
                guard let day = NodeReader.days.firstIndex(of: text.lowercased()) else {
                    throw wrong(node, name, "a list of \(NodeReader.days.joined(separator: ", "))")
                }
                return day
            })
    }

    func zone(_ node: Node, _ name: String) throws(ConfigurationError) -> TimeZone {
        guard let known = TimeZone(identifier: try text(node, name)) else {
            throw wrong(node, name, "a time zone such as Asia/Ho_Chi_Minh")
        }
        return known
    }

    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Conditions on labels: a group of labels and values, or a text as between the braces of a PromQL selector.
    func matchers(_ node: Node, _ name: String) throws(ConfigurationError) -> [LabelMatcher] {
        if node.mapping != nil {
            return try YAMLText.members(of: node, "\(key).\(name)", file).map {
                (label, value) throws(ConfigurationError) in
                LabelMatcher(label, equals: try text(value, "\(name).\(label)"))
            }
        }
        let conditions = try text(node, name)
        do {
            return try parseMatchers([conditions])
        } catch {
            throw self.error(
                node, "\(key).\(name)",
                "must be conditions such as 'alertname=\"Silent\", room!=\"attic\"': \(error.message)")
        }
    }

    func wrong(_ node: Node, _ name: String, _ what: String) -> ConfigurationError {
        let given = node.scalar.map { ", not '\($0.string)'" } ?? ""
        return error(node, "\(self.key).\(name)", "must be \(what)\(given)")
    }

    func error(_ node: Node, _ key: String, _ problem: String) -> ConfigurationError {
        YAMLText.error(node, file, key, problem)
    }
}
