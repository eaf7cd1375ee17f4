import Alerting
import ConfigurationFile
import Delivery
import Foundation
import Readings
import Yams

/// Reads `alerts.notify`: a list of channels, each a type alone or a group of keys with its `type`.
struct NotifyReader {
    private let file: String
    private static let key = "alerts.notify"

    static func read(_ node: Node, file: String) throws(ConfigurationError) -> [ChannelConfiguration] {
        let reader = NotifyReader(file: file)
        if YAMLText.isNull(node) { return [] }
        guard let items = node.sequence else {
            throw reader.error(node, key, "must be a list, such as [mqtt, { type: webhook, url: \"https://…\" }]")
        }
        var channels: [ChannelConfiguration] = []
        for item in items {
            let channel = try reader.channel(item)
            let name = channel.policy.name
            if channels.contains(where: { $0.policy.name == name }) {
                throw reader.error(item, key, "two channels are called '\(name)': give one of them another name")
            }
            if channel.kind == .mqtt, channels.contains(where: { $0.kind == .mqtt }) {
                throw reader.error(item, key, "mqtt may stand there once: there is one broker")
            }
            channels.append(channel)
        }
        for (item, channel) in zip(items, channels) {
            guard let target = channel.policy.escalateTo else { continue }
            guard target != channel.policy.name, channels.contains(where: { $0.policy.name == target }) else {
                throw reader.error(item, "\(key).escalateTo", "must be the name of another channel, not '\(target)'")
            }
        }
        return channels
    }

    private func channel(_ node: Node) throws(ConfigurationError) -> ChannelConfiguration {
        let kinds = ChannelConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        var members = [(name: "type", value: node)]
        if node.scalar == nil { members = try YAMLText.members(of: node, NotifyReader.key, file) }
        guard let type = members.first(where: { $0.name == "type" })?.value,
            let kind = ChannelConfiguration.Kind(rawValue: type.scalar?.string ?? "")
        else {
            throw error(
                members.first { $0.name == "type" }?.value ?? node, "\(NotifyReader.key).type",
                "must be one of \(kinds)")
        }
        var channel = ChannelConfiguration(kind: kind, place: YAMLText.place(node, file))
        for (name, value) in members where name != "type" {
            if try readCommon(name, value, &channel) { continue }
            guard try readOwn(name, value, &channel) else {
                throw error(value, "\(NotifyReader.key).\(name)", unknown(name, kind))
            }
        }
        try check(channel, node)
        return channel
    }

    private func unknown(_ name: String, _ kind: ChannelConfiguration.Kind) -> String {
        if ["password", "token", "secret"].contains(name) {
            return "must not stand in the configuration: put it into a file of its own, and name that with \(name)File"
        }
        return "unknown key of \(kind.rawValue); config/quantrac.yaml shows all keys"
    }

    // MARK: - Keys of all channels

    /// False if there is no such key.
    private func readCommon(
        _ name: String, _ node: Node, _ channel: inout ChannelConfiguration
    ) throws(ConfigurationError) -> Bool {
        switch name {
        case "name":
            let text = try text(node, name)
            guard text.utf8.count <= 64, text.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) else {
                throw wrong(node, name, "a name of letters, digits, '-', '_' and '.', at most 64 bytes")
            }
            channel.policy.name = text
        case "match":
            channel.policy.match = try YAMLText.members(of: node, "\(NotifyReader.key).match", file).map {
                (label, value) throws(ConfigurationError) in Label(label, try self.text(value, "match.\(label)"))
            }
        case "standby": channel.policy.isStandby = try flag(node, name)
        case "groupBy": channel.policy.groupBy = try texts(node, name)
        case "groupWait": channel.policy.groupWait = try duration(node, name, .zero ... .seconds(3600))
        case "repeat":
            channel.policy.repeatInterval =
                YAMLText.isNull(node) ? nil : try duration(node, name, .seconds(60) ... .seconds(366 * 86_400))
        case "sendResolved": channel.policy.sendsResolved = try flag(node, name)
        case "expire": channel.policy.expiry = try duration(node, name, .seconds(60) ... .seconds(366 * 86_400))
        case "escalateTo": channel.policy.escalateTo = YAMLText.isNull(node) ? nil : try text(node, name)
        case "escalateAfter": channel.policy.escalateAfter = try number(node, name, 1...1000)
        case "language":
            guard let language = AlertNotice.Language(rawValue: node.scalar?.string ?? "") else {
                throw wrong(node, name, "en or vi")
            }
            channel.language = language
        default: return false
        }
        return true
    }

    // MARK: - Keys of one type

    private func readOwn(
        _ name: String, _ node: Node, _ channel: inout ChannelConfiguration
    ) throws(ConfigurationError) -> Bool {
        switch (channel.kind, name) {
        case (.alertmanager, "url"), (.webhook, "url"), (.ntfy, "url"), (.telegram, "url"):
            channel.url = try url(node, name)
        case (.alertmanager, "caFile"), (.webhook, "caFile"), (.ntfy, "caFile"), (.telegram, "caFile"),
            (.email, "caFile"):
            channel.caFile = try optionalText(node, name)
        case (.alertmanager, "tokenFile"), (.webhook, "tokenFile"), (.ntfy, "tokenFile"), (.telegram, "tokenFile"):
            channel.tokenFile = try optionalText(node, name)
        case (.webhook, "secretFile"): channel.secretFile = try optionalText(node, name)
        case (.webhook, "heartbeatUrl"): channel.heartbeatURL = YAMLText.isNull(node) ? nil : try url(node, name)
        case (.webhook, "heartbeat"), (.mqtt, "heartbeat"):
            channel.policy.heartbeat =
                YAMLText.isNull(node) ? nil : try duration(node, name, .seconds(5) ... .seconds(86_400))
        case (.mqtt, "discovery"):
            let prefix = try optionalText(node, name)
            guard prefix?.contains(where: { "+#\0".contains($0) }) != true else {
                throw wrong(node, name, "a topic without '+' and '#', or null")
            }
            channel.discovery = prefix
        case (.ntfy, "topic"): channel.topic = try text(node, name)
        case (.telegram, "chat"): channel.chat = try text(node, name)
        case (.email, _):
            guard var mail = channel.mail, try readMail(name, node, &mail) else { return false }
            channel.mail = mail
        default: return false
        }
        return true
    }

    private func readMail(
        _ name: String, _ node: Node, _ mail: inout ChannelConfiguration.Mail
    ) throws(ConfigurationError) -> Bool {
        switch name {
        case "server": mail.server = try text(node, name)
        case "port": mail.port = try number(node, name, 1...65_535)
        case "security":
            guard let security = MailChannel.Server.Security(rawValue: node.scalar?.string ?? "") else {
                throw wrong(node, name, "tls, starttls or none")
            }
            mail.security = security
        case "username": mail.username = try optionalText(node, name)
        case "passwordFile": mail.passwordFile = try optionalText(node, name)
        case "from": mail.from = try address(node, name)
        case "to":
            let nodes = node.sequence.map { Array($0) } ?? [node]
            mail.to = try nodes.map { node throws(ConfigurationError) in try address(node, name) }
            guard (1...50).contains(mail.to.count) else {
                throw wrong(node, name, "one address, or a list of up to 50")
            }
        default: return false
        }
        return true
    }

    /// What must be there, and what does not go together.
    private func check(_ channel: ChannelConfiguration, _ node: Node) throws(ConfigurationError) {
        func need(_ isThere: Bool, _ name: String) throws(ConfigurationError) {
            guard isThere else {
                throw error(node, "\(NotifyReader.key).\(name)", "must be set for \(channel.kind.rawValue)")
            }
        }
        switch channel.kind {
        case .alertmanager, .webhook: try need(channel.url != nil, "url")
        case .ntfy: try need(channel.topic != nil, "topic")
        case .telegram:
            try need(channel.tokenFile != nil, "tokenFile")
            try need(channel.chat != nil, "chat")
        case .mqtt: break
        case .email:
            let mail = channel.mail ?? ChannelConfiguration.Mail()
            try need(!mail.server.isEmpty, "server")
            try need(!mail.from.isEmpty, "from")
            try need(!mail.to.isEmpty, "to")
            if (mail.username == nil) != (mail.passwordFile == nil) {
                throw error(node, NotifyReader.key, "username and passwordFile belong together")
            }
            if mail.security == .none, mail.username != nil, !["127.0.0.1", "::1", "localhost"].contains(mail.server) {
                throw error(
                    node, "\(NotifyReader.key).security", "must be tls or starttls: a password is not sent in the clear"
                )
            }
        }
    }

    // MARK: - Nodes

    private func text(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty, !YAMLText.isNull(node), !text.contains(where: \.isNewline)
        else { throw wrong(node, name, "a text") }
        return text
    }

    private func optionalText(_ node: Node, _ name: String) throws(ConfigurationError) -> String? {
        YAMLText.isNull(node) ? nil : try text(node, name)
    }

    private func texts(_ node: Node, _ name: String) throws(ConfigurationError) -> [String] {
        guard let sequence = node.sequence else { throw wrong(node, name, "a list of labels") }
        return try sequence.map { node throws(ConfigurationError) in try text(node, name) }
    }

    private func flag(_ node: Node, _ name: String) throws(ConfigurationError) -> Bool {
        guard let value = ["true": true, "false": false][node.scalar?.string ?? ""] else {
            throw wrong(node, name, "true or false")
        }
        return value
    }

    private func number(_ node: Node, _ name: String, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let value = (node.scalar?.string).flatMap(Int.init), range.contains(value) else {
            throw wrong(node, name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private func duration(
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

    private func url(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        let text = try text(node, name)
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false
        else { throw wrong(node, name, "an address such as \"https://example.org/alerts\"") }
        if parts.user != nil || parts.password != nil {
            throw error(node, "\(NotifyReader.key).\(name)", "must hold no password: use tokenFile")
        }
        return text
    }

    /// Plain ones, which may stand in a line of SMTP as they are.
    private func address(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        let text = try text(node, name)
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 254,
            text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            !text.contains(where: { "<>,;:\"\\()[]".contains($0) })
        else { throw wrong(node, name, "an address such as name@example.org") }
        return text
    }

    private func wrong(_ node: Node, _ name: String, _ what: String) -> ConfigurationError {
        let given = node.scalar.map { ", not '\($0.string)'" } ?? ""
        return error(node, "\(NotifyReader.key).\(name)", "must be \(what)\(given)")
    }

    private func error(_ node: Node, _ key: String, _ problem: String) -> ConfigurationError {
        YAMLText.error(node, file, key, problem)
    }
}
