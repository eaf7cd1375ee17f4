import Alerting
import ConfigurationFile
import Delivery
import Foundation
import Readings
import Yams

/// Reads `alerts.notify`: a list of channels, each a type alone or a group of keys with its `type`.
struct NotifyReader {
    private let file: String
    private let nodes: NodeReader
    private static let key = "alerts.notify"

    private init(file: String) {
        self.file = file
        nodes = NodeReader(file: file, key: NotifyReader.key)
    }

    static func read(_ node: Node, file: String) throws(ConfigurationError) -> [ChannelConfiguration] {
        let reader = NotifyReader(file: file)
        if YAMLText.isNull(node) { return [] }
        guard let items = node.sequence else {
            throw reader.nodes.error(node, key, "must be a list, such as [mqtt, { type: webhook, url: \"https://…\" }]")
        }
        var channels: [ChannelConfiguration] = []
        for item in items {
            let channel = try reader.channel(item)
            let name = channel.policy.name
            if channels.contains(where: { $0.policy.name == name }) {
                throw reader.nodes.error(item, key, "two channels are called '\(name)': give one of them another name")
            }
            if channel.kind == .mqtt, channels.contains(where: { $0.kind == .mqtt }) {
                throw reader.nodes.error(item, key, "mqtt may stand there once: there is one broker")
            }
            channels.append(channel)
        }
        for (item, channel) in zip(items, channels) {
            if channel.policy.quietHours != nil, channel.policy.showsMuted {
                throw reader.nodes.error(item, "\(key).quietHours", "means nothing to a channel with showsMuted: true")
            }
            guard let target = channel.policy.escalateTo else {
                if channel.policy.escalateUnacknowledged == nil { continue }
                throw reader.nodes.error(item, "\(key).escalateTo", "must be set with escalateUnacknowledged")
            }
            guard target != channel.policy.name, channels.contains(where: { $0.policy.name == target }) else {
                throw reader.nodes.error(
                    item, "\(key).escalateTo", "must be the name of another channel, not '\(target)'")
            }
        }
        return channels
    }

    private static func isNoPartOfTopics(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "+" || scalar == "#" || scalar == "\0" || Character(scalar).isNewline
    }

    private func channel(_ node: Node) throws(ConfigurationError) -> ChannelConfiguration {
        let kinds = ChannelConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        var members = [(name: "type", value: node)]
        if node.scalar == nil { members = try YAMLText.members(of: node, NotifyReader.key, file) }
        guard let type = members.first(where: { $0.name == "type" })?.value,
            let kind = ChannelConfiguration.Kind(rawValue: type.scalar?.string ?? "")
        else {
            throw nodes.error(
                members.first { $0.name == "type" }?.value ?? node, "\(NotifyReader.key).type",
                "must be one of \(kinds)")
        }
        var channel = ChannelConfiguration(kind: kind, place: YAMLText.place(node, file))
        for (name, value) in members where name != "type" {
            if try readCommon(name, value, &channel) { continue }
            guard try readOwn(name, value, &channel) else {
                throw nodes.error(value, "\(NotifyReader.key).\(name)", unknown(name, kind))
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
            let text = try nodes.text(node, name)
            guard text.utf8.count <= 64, text.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) else {
                throw nodes.wrong(node, name, "a name of letters, digits, '-', '_' and '.', at most 64 bytes")
            }
            channel.policy.name = text
        case "match":
            channel.policy.match = try YAMLText.members(of: node, "\(NotifyReader.key).match", file).map {
                (label, value) throws(ConfigurationError) in Label(label, try nodes.text(value, "match.\(label)"))
            }
        case "standby": channel.policy.isStandby = try nodes.flag(node, name)
        case "groupBy": channel.policy.groupBy = try nodes.texts(node, name)
        case "groupWait": channel.policy.groupWait = try nodes.duration(node, name, .zero ... .seconds(3600))
        case "groupInterval":
            channel.policy.groupInterval = try nodes.duration(node, name, .zero ... .seconds(86_400))
        case "repeat":
            channel.policy.repeatInterval =
                YAMLText.isNull(node) ? nil : try nodes.duration(node, name, .seconds(60) ... .seconds(366 * 86_400))
        case "sendResolved": channel.policy.sendsResolved = try nodes.flag(node, name)
        case "expire": channel.policy.expiry = try nodes.duration(node, name, .seconds(60) ... .seconds(366 * 86_400))
        case "escalateTo": channel.policy.escalateTo = YAMLText.isNull(node) ? nil : try nodes.text(node, name)
        case "escalateAfter": channel.policy.escalateAfter = try nodes.number(node, name, 1...1000)
        case "escalateUnacknowledged":
            channel.policy.escalateUnacknowledged =
                YAMLText.isNull(node) ? nil : try nodes.duration(node, name, .seconds(60) ... .seconds(7 * 86_400))
        case "showsMuted": channel.policy.showsMuted = try nodes.flag(node, name)
        case "quietHours": channel.policy.quietHours = YAMLText.isNull(node) ? nil : try quietHours(node)
        case "digest": channel.policy.digest = YAMLText.isNull(node) ? nil : try digest(node, channel.kind)
        case "language":
            guard let language = AlertNotice.Language(rawValue: node.scalar?.string ?? "") else {
                throw nodes.wrong(node, name, "en or vi")
            }
            channel.language = language
        default: return false
        }
        return true
    }

    /// Hours such as "22:00-07:00", or a group with them and what is told all the same.
    private func quietHours(_ node: Node) throws(ConfigurationError) -> QuietHours {
        let nodes = NodeReader(file: file, key: "\(NotifyReader.key).quietHours")
        guard node.mapping != nil else {
            return QuietHours(try nodes.hours(node, "hours", days: LocalHours.everyDay, zone: .current))
        }
        var members = try YAMLText.members(of: node, nodes.key, file)
        var except = QuietHours.urgent
        if let index = members.firstIndex(where: { $0.name == "except" }) {
            except = Set(try nodes.texts(members.remove(at: index).value, "except"))
        }
        return QuietHours(try nodes.localHours(members, of: node), except: except)
    }

    /// An hour such as "07:00", or a group with it and what is told in the digest alone.
    private func digest(_ node: Node, _ kind: ChannelConfiguration.Kind) throws(ConfigurationError) -> DigestPlan {
        let nodes = NodeReader(file: file, key: "\(NotifyReader.key).digest")
        guard kind != .alertmanager else {
            throw nodes.error(
                node, nodes.key, "cannot be set for alertmanager, which knows alerts only: set it for another channel")
        }
        guard node.mapping != nil else { return DigestPlan(minute: try nodes.minute(node, "at")) }
        var plan: DigestPlan?
        let members = try YAMLText.members(of: node, nodes.key, file)
        if let at = members.first(where: { $0.name == "at" })?.value {
            plan = DigestPlan(minute: try nodes.minute(at, "at"))
        }
        guard var plan else { throw nodes.error(node, "\(nodes.key).at", "must be set, such as \"07:00\"") }
        for (name, value) in members where name != "at" {
            switch name {
            case "days": plan.days = try nodes.days(value, name)
            case "zone": plan.zone = try nodes.zone(value, name)
            case "instead": plan.instead = Set(try nodes.texts(value, name))
            default:
                throw nodes.error(value, "\(nodes.key).\(name)", "unknown key; there are at, days, zone and instead")
            }
        }
        return plan
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
            channel.caFile = try nodes.optionalText(node, name)
        case (.alertmanager, "tokenFile"), (.webhook, "tokenFile"), (.ntfy, "tokenFile"), (.telegram, "tokenFile"):
            channel.tokenFile = try nodes.optionalText(node, name)
        case (.webhook, "secretFile"): channel.secretFile = try nodes.optionalText(node, name)
        case (.webhook, "heartbeatUrl"): channel.heartbeatURL = YAMLText.isNull(node) ? nil : try url(node, name)
        case (.webhook, "heartbeat"), (.mqtt, "heartbeat"):
            channel.policy.heartbeat =
                YAMLText.isNull(node) ? nil : try nodes.duration(node, name, .seconds(5) ... .seconds(86_400))
        case (.mqtt, "discovery"):
            let prefix = try nodes.optionalText(node, name)
            // Scalar by scalar: a wildcard with an accent is one still.
            guard prefix?.unicodeScalars.contains(where: NotifyReader.isNoPartOfTopics) != true else {
                throw nodes.wrong(node, name, "a topic without '+' and '#', or null")
            }
            channel.discovery = prefix
        case (.ntfy, "topic"): channel.topic = try nodes.text(node, name)
        case (.telegram, "chat"): channel.chat = try nodes.text(node, name)
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
        case "server": mail.server = try nodes.text(node, name)
        case "port": mail.port = try nodes.number(node, name, 1...65_535)
        case "security":
            guard let security = MailChannel.Server.Security(rawValue: node.scalar?.string ?? "") else {
                throw nodes.wrong(node, name, "tls, starttls or none")
            }
            mail.security = security
        case "username": mail.username = try nodes.optionalText(node, name)
        case "passwordFile": mail.passwordFile = try nodes.optionalText(node, name)
        case "from": mail.from = try address(node, name)
        case "to":
            let addresses = node.sequence.map { Array($0) } ?? [node]
            mail.to = try addresses.map { node throws(ConfigurationError) in try address(node, name) }
            guard (1...50).contains(mail.to.count) else {
                throw nodes.wrong(node, name, "one address, or a list of up to 50")
            }
        default: return false
        }
        return true
    }

    /// What must be there, and what does not go together.
    private func check(_ channel: ChannelConfiguration, _ node: Node) throws(ConfigurationError) {
        func need(_ isThere: Bool, _ name: String) throws(ConfigurationError) {
            guard isThere else {
                throw nodes.error(node, "\(NotifyReader.key).\(name)", "must be set for \(channel.kind.rawValue)")
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
                throw nodes.error(node, NotifyReader.key, "username and passwordFile belong together")
            }
            if mail.security == .none, mail.username != nil, !["127.0.0.1", "::1", "localhost"].contains(mail.server) {
                throw nodes.error(
                    node, "\(NotifyReader.key).security", "must be tls or starttls: a password is not sent in the clear"
                )
            }
        }
    }

    // MARK: - Nodes

    private func url(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        let text = try nodes.text(node, name)
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false
        else { throw nodes.wrong(node, name, "an address such as \"https://example.org/alerts\"") }
        if parts.user != nil || parts.password != nil {
            throw nodes.error(node, "\(NotifyReader.key).\(name)", "must hold no password: use tokenFile")
        }
        return text
    }

    /// Plain ones, which may stand in a line of SMTP as they are.
    private func address(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        let text = try nodes.text(node, name)
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 254,
            text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }),
            !text.contains(where: { "<>,;:\"\\()[]".contains($0) })
        else { throw nodes.wrong(node, name, "an address such as name@example.org") }
        return text
    }
}
