import Delivery
import Foundation
import Intake
import Logging
import MQTTSubscriber
import NIOCore
import PayloadDecoders
import QueryAPI
import QueryServer
import Readings
import Registry
import RingStore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The daemon: its parts, wired along the way that a reading goes.
struct Daemon {
    let configuration: Configuration
    /// Reads it anew, for SIGHUP.
    let readConfiguration: @Sendable () throws -> Configuration

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Throws: what keeps it from starting (a store in use, a busy socket), or what ended it.
    func run() async throws {
        let level = LogLevel(configuration.level)
        let logger = Logger(label: "quantracd") { ReloadableLogHandler(label: $0, level: level) }
        let (store, writer) = try openStore(logger)
        let link = try BrokerLink()
        let ledger = IntakeLedger()
        let feed = LiveFeed()
        let errands = IngestErrands(link: link)
        let syncWindow = SyncWindow(
            fixed: configuration.store.syncWindow, disk: DiskKind(ofDirectory: configuration.store.directory))
        let registry = Registry(
            directory: configuration.store.directory, share: configuration.storeOptions.registryShare, ledger: ledger,
            interval: { max(.seconds(1), syncWindow.now) }, report: { logger.warning("\($0)") })
        registry.start()
        let condition = LateAnswer(DeliveryService.Condition())
        let devices = LateAnswer<[DigestCondition.Household]>([])
        let ruleSeries = RuleSeriesWriter(errands: errands, logger: logger)
        let delivery = DeliveryService(
            configuration: configuration, link: link, logger: logger, condition: { condition.ask() },
            devices: { devices.ask() }, tellings: TellingWriter(ruleSeries))
        let savedRows = try await delivery.start(configuration.alerts)
        let fault = ConfigurationFault()
        let alerts = AlertLoop(
            patterns: configuration.alerts.rules, interval: configuration.alerts.evaluationInterval,
            household: configuration.households.default, store: store, ledger: ledger,
            outboxShare: configuration.storeOptions.outboxShare, sink: ruleSeries, courier: delivery.courier,
            savedRows: savedRows,
            logger: logger)
        let backend = DaemonBackend(
            configuration: configuration, started: .now, store: store, link: link, ledger: ledger, feed: feed,
            alerts: alerts, imports: ImportQueue(errands), syncWindow: syncWindow, registry: registry,
            replay: RefusedReplay(registry: registry, errands: errands), courier: delivery.courier, fault: fault,
            logger: logger)
        condition.answer {
            DeliveryService.Condition(problems: backend.status().problems.codes, isWatching: alerts.isAlive)
        }
        devices.answer { backend.digestHouseholds(at: .now) }
        let systemd = SystemdNotifier(environment: ProcessInfo.processInfo.environment)
        let listening = Event()
        var limits = QueryServer.Limits()
        limits.stopTimeout = .seconds(2)
        let server = try QueryServer(
            configuration: QueryServer.Configuration(
                socketPath: configuration.query.socket, listen: configuration.query.listen, limits: limits),
            backend: backend, logger: quiet(logger),
            onListening: { address in
                guard let address else { return }
                if let path = address.pathname {
                    logger.info("listening on \(path)")
                    listening.happen()
                    systemd.ready("listening")
                } else {
                    logger.info("listening on \(address.ipAddress ?? "?"):\(address.port ?? 0)")
                }
            })
        let ingest = try ingestService(
            StoreBatch(
                store: store, writer: writer, syncWindow: syncWindow, arrivals: alerts.arrivals, late: alerts.late),
            after: listening, link: link, ledger: ledger, feed: feed, errands: errands, syncWindow: syncWindow,
            courier: delivery.courier, logger: logger)
        let series = store.statistics.seriesCount
        logger.info("quantracd \(Version.text), store in \(configuration.store.directory) with \(series) series")
        // Its own messages would only name our types.
        let silent = Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
        // Stopped in reverse order: first nobody asks, then nothing more comes in, and then what came is kept.
        var group = ServiceGroupConfiguration(
            services: [
                RegistryService(registry: registry), delivery, ingest,
                TierCatchUp(errands: errands),
                ConnectionReporter(link: link, systemd: systemd, logger: logger),
                QuotaReporter(ledger: ledger, logger: logger), StartupCode(), alerts,
                ReloadService(
                    alerts: alerts, delivery: delivery, errands: errands, level: level,
                    readConfiguration: readConfiguration, fault: fault, systemd: systemd, logger: logger),
                DamageReporter(store: store, directory: configuration.store.directory, logger: logger), server,
                ShutdownStarter(
                    feed: feed, link: link, systemd: systemd, logger: logger, socketPath: configuration.query.socket),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: silent)
        group.maximumGracefulShutdownDuration = .seconds(4)
        try await ServiceGroup(configuration: group).run()
        logger.info("stopped")
    }

    /// On a disk that is mounted read-only the history can still be read; what comes in waits at the broker.
    private func openStore(_ logger: Logger) throws -> sending (store: RingStore, writer: StoreWriter) {
        let path = configuration.store.directory
        do {
            return try RingStore.open(
                directory: try POSIXDirectory(path: path), options: configuration.storeOptions)
        } catch let error as StoreError where error.isReadOnly {
            let opened = try RingStore.openReadOnly(
                directory: try ReadOnlyDirectory(path: path), options: configuration.storeOptions)
            logger.error(
                "\(path) is mounted read-only: queries are answered, nothing is stored; make it writable and restart")
            return opened
        }
    }

    /// For the server, which would otherwise say again what we say.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = .warning
        return quiet
    }

    /// The service whose thread takes the messages. `batch` moves to that thread and is used nowhere else.
    private func ingestService(
        _ batch: sending StoreBatch, after start: Event, link: BrokerLink, ledger: IntakeLedger, feed: LiveFeed,
        errands: IngestErrands, syncWindow: SyncWindow, courier: Courier, logger: Logger
    ) throws -> IngestService {
        var options = try configuration.subscriberOptions()
        options.currentSyncWindow = { syncWindow.now }
        let router = configuration.households.router
        let resolution = configuration.store.timeResolution.wholeMilliseconds
        let mappings = try MappingSet(configuration.mappings)
        let quotas = configuration.quota
        let asksForRebirth = configuration.mqtt.sparkplugRebirth
        let handover = Handover(batch)
        return IngestService(link: link, after: start) { [options] in
            guard let batch = handover.take() else { return }
            let intake = Intake(
                store: batch, router: router, zone: .ofThisMachine, mappings: mappings,
                quotas: quotas,
                askForRebirth: asksForRebirth
                    ? { command in
                        link.publishOnce(topic: command.topic, payload: command.payload)
                        logger.info("asked for a Sparkplug rebirth: \(command.topic)")
                    } : nil,
                resolutionMilliseconds: resolution,
                ledger: ledger, now: { .now }, listener: { feed.isListenedTo ? { feed.tell($0) } : nil })
            let desk = IngestErrands.Desk(intake: intake, batch: batch)
            MQTTSubscriber(
                options: options, link: link,
                sink: IntakeSink(
                    intake, commands: AlertCommandInbox(courier: courier, ledger: ledger, logger: logger)
                ) { errands.workOnce(desk) }
            ).run()
            errands.close()
            do {
                try batch.close()
            } catch {
                logger.error("the store was not closed in order; nothing that was acknowledged is lost: \(error)")
            }
        }
    }
}

/// A question that is answered by something that is made later.
private final class LateAnswer<Value: Sendable>: Sendable {
    private let body: Mutex<@Sendable () -> Value>

    /// - Parameter early: the answer until then.
    init(_ early: Value) { body = Mutex({ early }) }

    func answer(_ body: @escaping @Sendable () -> Value) { self.body.withLock { $0 = body } }
    func ask() -> Value { (body.withLock { $0 })() }
}

/// A value on its way to another thread: put in once, taken out once.
private final class Handover<Value>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: sending Value) {
        self.value = Mutex(value)
    }

    func take() -> sending Value? {
        value.withLock { value in
            let taken = value
            value = nil
            return taken
        }
    }
}

/// The intake as the subscriber's sink.
private final class IntakeSink: MessageSink {
    private let intake: Intake
    private let commands: AlertCommandInbox
    private let attending: () -> Void

    /// - Parameter attending: what else belongs to the thread.
    init(_ intake: Intake, commands: AlertCommandInbox, attending: @escaping () -> Void) {
        self.intake = intake
        self.commands = commands
        self.attending = attending
    }

    func attend() { attending() }

    func receive(_ message: IncomingMessage) {
        if commands.take(topic: message.topic, payload: message.payload, isRetained: message.retained) { return }
        intake.receive(
            topic: message.topic, payload: message.payload, retained: message.retained, packetID: message.packetID,
            isRedelivery: message.isRedelivery)
    }

    func commit() throws {
        try intake.commit()
        commands.commit()
    }

    func connected(sessionPresent: Bool) {
        intake.connected(sessionPresent: sessionPresent)
    }

    func redeliveriesAreOver() {
        intake.redeliveriesAreOver()
    }
}
