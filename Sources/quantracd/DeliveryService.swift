import Alerting
import ConfigurationFile
import Delivery
import Dispatch
import Foundation
import Logging
import MQTTSubscriber
import Readings
import RingStore
import ServiceLifecycle
import Synchronization

/// Tells people and programs of alerts: the channels of `alerts.notify`, and the outbox in which notices wait.
struct DeliveryService: Service {
    let courier: Courier
    private let link: BrokerLink
    private let clientID: String
    private let logger: Logger
    /// Which devices are silent is asked of the store, which may take seconds: no notice is to wait for it.
    private static let rollCalls = DispatchQueue(label: "roll calls", qos: .utility)

    /// How the daemon is.
    struct Condition: Sendable {
        /// What is wrong, by code.
        var problems: [String] = []
        var isWatching = true
    }

    /// - Parameters:
    ///   - condition: asked for every message.
    ///   - devices: the devices of every household, and which of them are silent; asked for every digest.
    ///   - tellings: keeps who was told.
    init(
        configuration: Configuration, link: BrokerLink, logger: Logger, condition: @escaping @Sendable () -> Condition,
        devices: @escaping @Sendable () -> [DigestCondition.Household], tellings: TellingWriter
    ) {
        self.link = link
        clientID = configuration.mqtt.clientID
        self.logger = logger
        let share = configuration.storeOptions.outboxShare
        if share == 0 {
            logger.notice(
                "store.diskBudget is below 16MiB: undelivered notices are kept in memory, not across a restart")
        }
        let name = ProcessInfo.processInfo.hostName
        let url = configuration.alerts.externalURL
        let evaluation = configuration.alerts.evaluationInterval.wholeMilliseconds
        courier = Courier(
            directory: configuration.store.directory, share: share, wall: { .now },
            sender: {
                let condition = condition()
                return Sender(
                    name: name, externalURL: url, evaluationMilliseconds: evaluation, problems: condition.problems,
                    isWatching: condition.isWatching)
            },
            condition: {
                await withCheckedContinuation { continuation in
                    DeliveryService.rollCalls.async {
                        let condition = condition()
                        continuation.resume(
                            returning: DigestCondition(
                                problems: condition.problems, isWatching: condition.isWatching, households: devices()))
                    }
                }
            }, onTelling: { tellings.write($0) }, log: { logger.warning("alerts: \($0)") })
    }

    /// Opens the outbox; before rules are evaluated.
    ///
    /// - Returns: the rule engine's rows, as they were last recorded.
    func start(_ alerts: Configuration.Alerts) async throws -> [SavedRow] {
        await courier.start(
            try alerts.notify.configured(client: clientID, publisher: link), rules: alerts.muting)
    }

    /// Goes on with other channels, maintenance windows and dependencies.
    func reload(_ alerts: Configuration.Alerts) async throws {
        await courier.replace(
            try alerts.notify.configured(client: clientID, publisher: link), rules: alerts.muting)
        logger.info("alerts go to \(alerts.notify.map(\.policy.name).joined(separator: ", "))")
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await courier.run() }
        await courier.close()
    }
}

extension BrokerLink: Publishing {
    public var connections: UInt64 { status.connects }

    public func publish(_ publication: Publication) async -> PartOutcome {
        let failure = await publish(
            topic: publication.topic, payload: publication.payload, retain: publication.retain)
        guard let failure else { return .delivered }
        return switch failure.prospect {
        case .unknown: .failed(failure.description)
        case .refused: .refused(failure.description)
        case .hopeless: .rejected(failure.description)
        }
    }
}

extension [ChannelConfiguration] {
    /// These, and the broker if it is not among them.
    var withBroker: [ChannelConfiguration] {
        contains { $0.kind == .mqtt } ? self : self + [.builtIn]
    }

    /// Ready to send. Reads the files with secrets and certificates.
    ///
    /// - Parameter client: our name at the broker.
    func configured(client: String, publisher: any Publishing) throws(ConfigurationError) -> [ConfiguredChannel] {
        try withBroker.map { one throws(ConfigurationError) in
            ConfiguredChannel(
                policy: one.completePolicy, kind: one.kind.rawValue, channel: try one.channel(client, publisher))
        }
    }
}

extension ChannelConfiguration {
    /// With what follows from keys of the channel's own.
    fileprivate var completePolicy: ChannelPolicy {
        var policy = policy
        if kind == .mqtt { policy.retention = Retention(discoveryPrefix: discovery) }
        return policy
    }

    fileprivate func channel(_ client: String, _ publisher: any Publishing) throws(ConfigurationError) -> any Delivery
        .Channel
    {
        let token = try secret(tokenFile, "tokenFile")
        let url = url ?? ""
        switch kind {
        case .mqtt:
            return BrokerChannel(
                format: BrokerFormat(client: client, discoveryPrefix: discovery, heartbeat: policy.heartbeat),
                publisher: publisher)
        case .email: return try mailChannel()
        case .alertmanager: return try http(Alertmanager(url: url, token: token), token)
        case .webhook:
            let key = try secret(secretFile, "secretFile")
            return try http(
                Webhook(
                    url: url, heartbeatURL: heartbeatURL, key: key, token: token, receiver: policy.name,
                    groupBy: policy.groupBy), token)
        case .ntfy: return try http(Ntfy(url: url, topic: topic ?? "", token: token, language: language), token)
        case .telegram:
            guard let token else { throw refuse("tokenFile", "must be set for telegram") }
            return try http(Telegram(url: url, token: token, chat: chat ?? "", language: language), token)
        }
    }

    private func http(_ format: any HTTPFormat, _ token: Secret?) throws(ConfigurationError) -> HTTPChannel {
        do {
            return HTTPChannel(
                format: format, client: try HTTPSender(caFile: caFile), secrets: [token].compactMap { $0 })
        } catch {
            throw refuse("caFile", "\(caFile ?? "") cannot be read as certificates (PEM): \(error)")
        }
    }

    private func mailChannel() throws(ConfigurationError) -> MailChannel {
        let mail = mail ?? Mail()
        let usual = [MailChannel.Server.Security.tls: 465, .starttls: 587, .none: 25]
        let server = MailChannel.Server(
            host: mail.server, port: mail.port ?? usual[mail.security] ?? 25, security: mail.security, caFile: caFile,
            username: mail.username, password: try secret(mail.passwordFile, "passwordFile"))
        do {
            return try MailChannel(server: server, from: mail.from, to: mail.to, language: language)
        } catch {
            throw refuse("caFile", "\(caFile ?? "") cannot be read as certificates (PEM): \(error)")
        }
    }

    private func secret(_ file: String?, _ key: String) throws(ConfigurationError) -> Secret? {
        guard let file else { return nil }
        do {
            return try Secret(file: file)
        } catch {
            throw refuse(key, error.description)
        }
    }

    private func refuse(_ key: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(place: place, key: "alerts.notify.\(key)", problem: problem)
    }
}
