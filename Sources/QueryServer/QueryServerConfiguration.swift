import PromQL

extension QueryServer {
    /// Where the server listens, and what it allows.
    public struct Configuration: Sendable {
        /// The path of the Unix socket: at most 107 bytes, in a directory that exists.
        public var socketPath: String
        /// Nil: only the Unix socket.
        public var listen: ListenAddress?
        /// Host names besides the loopback ones under which TCP clients may ask, such as those that a proxy passes on.
        public var hosts: [String]
        /// Where `dygraph.min.js` and `dygraph.min.css` lie.
        public var dygraphsDirectory: String
        public var limits: Limits

        public init(
            socketPath: String, listen: ListenAddress? = nil, hosts: [String] = [],
            dygraphsDirectory: String = "/usr/share/javascript/dygraphs", limits: Limits = Limits()
        ) {
            self.socketPath = socketPath
            self.listen = listen
            self.hosts = hosts
            self.dygraphsDirectory = dygraphsDirectory
            self.limits = limits
        }
    }

    /// Bounds on what clients can make the server do. The defaults serve a household on a small machine.
    public struct Limits: Sendable {
        /// For each of the Unix socket and TCP: for one more the connection that was idle longest is closed; if all are busy,
        /// the newcomer is told 503.
        public var connections = 64
        /// Queries and exports that read at once.
        public var concurrentQueries = 4
        /// Requests that wait for their turn before others are told to come again.
        public var waitingRequests = 64
        /// What one query may cost.
        public var query = QueryLimits(
            maximumSeries: 10_000, maximumSamples: 200_000_000, maximumPoints: 4_000_000, maximumMemory: 64 << 20,
            timeout: .seconds(30))
        /// How long a connection may stay open without a request, or with one that is not finished.
        public var idleTimeout = Duration.seconds(30)
        /// How long a client may take for one piece of an answer (64 KiB) before it is cut.
        public var stallTimeout = Duration.seconds(10)
        /// How long requests may go on once the server is told to stop.
        public var stopTimeout = Duration.seconds(3)
        /// How often an idle stream of live readings shows that it is alive.
        public var heartbeat = Duration.seconds(15)

        public init() {}
    }
}
