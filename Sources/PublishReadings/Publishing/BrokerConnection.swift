import CMosquitto
import Glibc

/// A connection to the broker, over MQTT 3.1.1, which every broker speaks. Used by one thread.
///
/// At QoS 1 at most `window` messages wait for their PUBACK; then `publish` waits. If the broker goes away, the connection
/// is made again, and the library sends anew what was not acknowledged.
final class BrokerConnection: Outlet {
    private let handle: OpaquePointer
    private let address: BrokerAddress
    private let qos: Int32
    private let window: Int
    /// Called with the packet identifier of each message that the broker has acknowledged.
    private let onAcknowledgement: (Int32) -> Void

    private var isConnected = false
    private var refusal: Int32?
    private(set) var unacknowledged = 0
    private var acknowledgements = 0
    private var publishedSinceServe = 0

    /// The network is looked after at least once in so many messages.
    private static let serveEvery = 64
    private static let libraryReady: Bool = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.rawValue

    /// Connects; comes back when the broker has accepted us.
    init(
        to address: BrokerAddress, qos: Int32, window: Int, onAcknowledgement: @escaping (Int32) -> Void = { _ in }
    ) throws {
        let clientID = "publish-readings-\(getpid())"
        guard BrokerConnection.libraryReady, let handle = mosquitto_new(clientID, true, nil) else {
            throw PublishingError.library(doing: "making an MQTT client", reason: String(cString: strerror(errno)))
        }
        self.handle = handle
        self.address = address
        self.qos = qos
        self.window = window
        self.onAcknowledgement = onAcknowledgement
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, Int32(window))
        setCallbacks()
        let code = mosquitto_connect(handle, address.host, Int32(address.port), 60)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw PublishingError.unreachable(address, reason: BrokerConnection.reason(code))
        }
        try waitForWelcome()
    }

    deinit {
        mosquitto_destroy(handle)
    }

    var acknowledged: Int? { qos > 0 ? acknowledgements : nil }

    func publish(_ publication: Publication) throws {
        _ = try publishNumbered(publication)
    }

    /// Publishes and returns the packet identifier, by which the acknowledgement will come.
    func publishNumbered(_ publication: Publication) throws -> Int32 {
        while qos > 0, unacknowledged >= window, !StopRequest.isMade { try serve(waiting: .milliseconds(200)) }
        var packetID: Int32 = 0
        while true {
            let code = publication.payload.withUnsafeBytes { bytes in
                mosquitto_publish(
                    handle, &packetID, publication.topic, Int32(clamping: bytes.count), bytes.baseAddress, qos,
                    publication.retain)
            }
            if code == MOSQ_ERR_SUCCESS.rawValue { break }
            guard BrokerConnection.meansDisconnected(code) else {
                throw PublishingError.library(
                    doing: "publishing to '\(publication.topic)'", reason: BrokerConnection.reason(code))
            }
            reconnect()
            // At QoS 1 the library has kept the message and sends it by itself; at QoS 0 it is gone.
            if qos > 0 || StopRequest.isMade { break }
        }
        if qos > 0 { unacknowledged += 1 }
        publishedSinceServe += 1
        if publishedSinceServe >= BrokerConnection.serveEvery || mosquitto_want_write(handle) {
            try serve(waiting: .zero)
            while mosquitto_want_write(handle), !StopRequest.isMade { try serve(waiting: .milliseconds(200)) }
        }
        return packetID
    }

    func wait(until deadline: ContinuousClock.Instant) throws {
        while !StopRequest.isMade {
            let left = deadline - .now
            guard left > .zero else { return }
            try serve(waiting: min(left, .seconds(1)))
        }
    }

    func finish() throws {
        // Whoever has asked for a stop does not wait long for a broker that may have gone first.
        let patience: Duration = StopRequest.isMade ? .seconds(2) : .seconds(10)
        let deadline = ContinuousClock.now + patience
        while unacknowledged > 0 || mosquitto_want_write(handle), ContinuousClock.now < deadline {
            try serve(waiting: .milliseconds(50))
        }
        let left = unacknowledged
        mosquitto_disconnect(handle)
        while mosquitto_socket(handle) >= 0, mosquitto_want_write(handle), ContinuousClock.now < deadline {
            mosquitto_loop_write(handle, 1)
        }
        guard left == 0 else { throw PublishingError.notAcknowledged(left) }
    }

    /// Waits for the socket at most so long, then reads and writes what there is.
    private func serve(waiting longest: Duration) throws {
        publishedSinceServe = 0
        guard mosquitto_socket(handle) >= 0 else { return reconnect() }
        var wait = pollfd(fd: mosquitto_socket(handle), events: Int16(POLLIN), revents: 0)
        if mosquitto_want_write(handle) { wait.events |= Int16(POLLOUT) }
        _ = poll(&wait, 1, Int32((longest / .milliseconds(1)).rounded(.up)))
        var code = Int32(MOSQ_ERR_SUCCESS.rawValue)
        if wait.revents & ~Int16(POLLOUT) != 0 { code = mosquitto_loop_read(handle, 1) }
        if code == MOSQ_ERR_SUCCESS.rawValue, mosquitto_want_write(handle) { code = mosquitto_loop_write(handle, 1) }
        if code == MOSQ_ERR_SUCCESS.rawValue { code = mosquitto_loop_misc(handle) }
        if let refusal {
            throw PublishingError.refused(address, reason: String(cString: mosquitto_connack_string(refusal)))
        }
        if code != MOSQ_ERR_SUCCESS.rawValue { reconnect() }
    }

    private func waitForWelcome() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isConnected, !StopRequest.isMade {
            guard ContinuousClock.now < deadline else {
                throw PublishingError.unreachable(address, reason: "it accepts the connection but does not answer")
            }
            try serve(waiting: .milliseconds(100))
        }
    }

    /// Tries until the broker is back, or, once a stop is requested, a single time.
    private func reconnect() {
        isConnected = false
        while mosquitto_reconnect(handle) != MOSQ_ERR_SUCCESS.rawValue {
            usleep(200_000)
            if StopRequest.isMade { return }
        }
    }

    private func setCallbacks() {
        mosquitto_connect_callback_set(handle) { _, context, reason in
            guard let context else { return }
            let connection = Unmanaged<BrokerConnection>.fromOpaque(context).takeUnretainedValue()
            connection.isConnected = reason == 0
            connection.refusal = reason == 0 ? nil : reason
        }
        mosquitto_publish_callback_set(handle) { _, context, packetID in
            guard let context else { return }
            let connection = Unmanaged<BrokerConnection>.fromOpaque(context).takeUnretainedValue()
            // At QoS 0 this only says that the message was written.
            guard connection.qos > 0 else { return }
            connection.unacknowledged -= 1
            connection.acknowledgements += 1
            connection.onAcknowledgement(packetID)
        }
    }

    private static func meansDisconnected(_ code: Int32) -> Bool {
        [MOSQ_ERR_NO_CONN, MOSQ_ERR_CONN_LOST, MOSQ_ERR_ERRNO].contains { Int32($0.rawValue) == code }
    }

    private static func reason(_ code: Int32) -> String {
        code == MOSQ_ERR_ERRNO.rawValue ? String(cString: strerror(errno)) : String(cString: mosquitto_strerror(code))
    }
}
