import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server: Prometheus's API, Quantrac's own, and the page, on a Unix socket and, if wanted, on loopback TCP.
///
/// It is a `Service`: it runs until it is told to stop or cancelled, and has then removed its socket file. Nothing here
/// blocks the cooperative threads: whatever may wait for the disk runs on threads of its own.
public struct QueryServer: Service {
    private let configuration: Configuration
    private let socket: UnixSocketPath
    private let responder: RouterResponder<QueryContext>
    private let atHand: QueriesAtHand
    private let quickClients = QuickClients()
    private let logger: Logger
    private let onListening: @Sendable (SocketAddress?) async -> Void

    /// - Parameters:
    ///   - onListening: Called for each of the sockets once it accepts connections, with its address (the port that
    ///     the system chose).
    /// - Throws: ``ListenError`` if the socket's path can't be one.
    public init(
        configuration: Configuration, backend: any QueryBackend, logger: Logger,
        onListening: @escaping @Sendable (SocketAddress?) async -> Void = { _ in }
    ) throws(ListenError) {
        self.configuration = configuration
        socket = try UnixSocketPath(configuration.socketPath)
        responder = QueryRouter.make(configuration: configuration, backend: backend).buildResponder()
        atHand = QueriesAtHand(configuration: configuration, backend: backend)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until it is stopped.
    ///
    /// - Throws: ``ListenError`` if a socket can't be opened.
    public func run() async throws {
        try socket.prepare()
        let unix = application(at: .unixDomainSocket(path: socket.path)) { [socket, logger] in
            do {
                try socket.restrict()
            } catch {
                logger.error("the query socket keeps the mode that the umask gave it", metadata: ["error": "\(error)"])
            }
        }
        var services = [
            Listener(application: unix) { [socket] code in
                .socketUnusable(path: socket.path, operation: "listen on", errno: code)
            }
        ]
        if let listen = configuration.listen {
            let tcp = application(at: .hostname(listen.host, port: listen.port)) {}
            services.append(
                Listener(application: tcp) { code in .addressUnusable(address: listen.description, errno: code) })
        }
        try await ServiceGroup(services: services, logger: logger).run()
    }

    /// One socket with what serves it; the system's refusal to open it gets the name of the socket.
    private struct Listener: Service {
        let application: Application<RouterResponder<QueryContext>>
        let failure: @Sendable (CInt) -> ListenError

        func run() async throws {
            do {
                try await application.run()
            } catch let error as IOError {
                throw failure(error.errnoCode)
            }
        }
    }

    private func application(
        at address: BindAddress, onBound: @escaping @Sendable () -> Void
    ) -> Application<RouterResponder<QueryContext>> {
        let limits = configuration.limits
        let crowd = ConnectionCrowd(most: limits.connections)
        return Application(
            responder: responder,
            server: HTTPServerBuilder { [atHand, quickClients] in
                LoopChannel(
                    responder: $0, limits: limits, crowd: crowd, atHand: atHand, quickClients: quickClients)
            },
            // Those that give way are still there for a moment.
            configuration: ApplicationConfiguration(
                address: address, availableConnectionsDelegate: .maximum(2 * limits.connections, logger: logger)),
            onServerRunning: { [onListening] channel in
                onBound()
                await onListening(channel.localAddress)
            },
            logger: logger)
    }
}
