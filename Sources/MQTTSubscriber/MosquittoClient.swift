import CBufferedSocket
import CMosquitto
import Glibc

/// What the library calls us back with, in the words of this module.
enum MosquittoEvent {
    case connected(sessionPresent: Bool)
    case refused(reason: Int32)
    case disconnected(reason: Int32)
    case subscriptionRefused(packetID: Int32)
    /// The broker has answered a publication of ours: 128 and above is a refusal (MQTT v5 §3.4.2.1).
    case published(packetID: Int32, reason: Int32)
}

/// What stands, retained, on the presence topic.
enum Presence {
    static let online = Array("online".utf8)
    /// Also the will, which the broker publishes when we are gone without a word.
    static let offline = Array("offline".utf8)
}

/// A thin face over one `struct mosquitto`, which is used by one thread only.
///
/// `mosquitto_threaded_set` makes the library queue what it wants to send instead of sending it at once, so that nothing,
/// PUBACKs above all, leaves before `flush`. That is the whole of the acknowledge-after-sync order. No documented
/// promise of the library covers it: the kill test does, and without TLS `CBufferedSocket`, which holds back whatever the library
/// writes.
final class MosquittoClient {
    enum ProtocolVersion: Int32 {
        case v311 = 4
        case v5 = 5

        var name: String { self == .v5 ? "5" : "3.1.1" }
    }

    let version: ProtocolVersion
    private let handle: OpaquePointer
    private let options: SubscriberOptions
    /// Called from within `readPacket`.
    private let onMessage: (IncomingMessage) -> Void
    /// Called from within any call that touches the network.
    private let onEvent: (MosquittoEvent) -> Void

    /// The DUP flag of the message about to be handed over; nil while the flags are not watched.
    private var flagOfNext: Bool?

    private static let libraryReady: Bool = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.rawValue

    init(
        options: SubscriberOptions, version: ProtocolVersion,
        onMessage: @escaping (IncomingMessage) -> Void, onEvent: @escaping (MosquittoEvent) -> Void
    ) throws(SubscriberError) {
        let cleanSession = false
        guard MosquittoClient.libraryReady,
            let handle = mosquitto_new(options.clientID, cleanSession, nil)
        else {
            throw .library(code: Int32(MOSQ_ERR_ERRNO.rawValue), errno: errno, doing: "making the MQTT client")
        }
        self.handle = handle
        self.options = options
        self.version = version
        self.onMessage = onMessage
        self.onEvent = onEvent
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        setCallbacks()
        try check(
            mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, version.rawValue), "choosing the MQTT version")
        try check(
            mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(options.receiveMaximum)),
            "setting the receive maximum")
        try check(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1), "setting TCP_NODELAY")
        try check(mosquitto_threaded_set(handle, true), "choosing our own loop")
        if let username = options.username {
            try check(mosquitto_username_pw_set(handle, username, options.password), "setting mqtt.username")
        }
        if let tls = options.tls {
            try check(
                mosquitto_tls_set(handle, tls.caFile, nil, tls.certificateFile, tls.keyFile, nil),
                "reading the certificates of mqtt.tls")
        }
        if let topic = options.presenceTopic {
            let will = Presence.offline
            try check(
                mosquitto_will_set_v5(handle, topic, Int32(will.count), will, 1, true, nil), "leaving a will")
        }
    }

    deinit {
        quantrac_buffer_end()
        mosquitto_destroy(handle)
    }

    /// The socket to wait on; -1 while there is no connection.
    var socket: Int32 { mosquitto_socket(handle) }
    var wantsWrite: Bool { mosquitto_want_write(handle) || quantrac_buffer_unwritten() > 0 }
    /// Whether something came that was not read yet, and that the socket does not tell of.
    var hasUnread: Bool { quantrac_buffer_unread() > 0 }

    /// Opens the TCP connection (blocking) and queues the CONNECT.
    func connect() throws(SubscriberError) {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if version == .v5 {
            try add(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, options.sessionExpirySeconds)
            try add(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, options.maximumPacketBytes)
        }
        try check(
            mosquitto_connect_bind_v5(
                handle, options.host, Int32(options.port), Int32(options.keepAliveSeconds), nil, properties),
            "connecting to \(options.host):\(options.port)")
        // TLS has buffers of its own.
        if options.tls == nil { _ = quantrac_buffer_begin(socket) }
    }

    /// Queues the SUBSCRIBE for one topic filter and returns its packet identifier.
    ///
    /// With MQTT v5 our own publications are not sent back to us, and stored messages are sent anew only to a new
    /// process, which must learn the devices' names again, or for a new subscription.
    func subscribe(to topic: String, wantsStored: Bool) throws(SubscriberError) -> Int32 {
        var packetID: Int32 = 0
        let stored = wantsStored ? MQTT_SUB_OPT_SEND_RETAIN_ALWAYS : MQTT_SUB_OPT_SEND_RETAIN_NEW
        let flags = Int32(MQTT_SUB_OPT_NO_LOCAL.rawValue) | Int32(stored.rawValue)
        try check(
            mosquitto_subscribe_v5(
                handle, &packetID, topic, options.qos.rawValue, version == .v5 ? flags : 0, nil),
            "subscribing to '\(topic)'")
        return packetID
    }

    /// Queues a publication and returns its packet identifier.
    func publish(_ publication: BrokerLink.Publication) throws(SubscriberError) -> Int32 {
        var packetID: Int32 = 0
        let code = publication.payload.withUnsafeBytes { bytes in
            mosquitto_publish_v5(
                handle, &packetID, publication.topic, Int32(clamping: bytes.count), bytes.baseAddress,
                publication.ended == nil ? 0 : 1, publication.retain, nil)
        }
        try check(code, "publishing to '\(publication.topic)'")
        return packetID
    }

    /// Reads one packet if one is there. The library ignores the count it is given and reads one a call.
    func readPacket() throws(SubscriberError) {
        try check(mosquitto_loop_read(handle, 1), "reading from the broker")
    }

    /// Sends all that is queued. One call writes the whole queue; the library would repeat an idle loop `max_packets`
    /// times, hence 1.
    ///
    /// The library writes each packet alone, and at once, since Nagle's wait is off: a PUBACK would be a TCP segment, which costs
    /// both sides more than the message that it is for. So they are gathered: in our buffer, or with TLS by the kernel (TCP_CORK,
    /// tcp(7)).
    func flush() throws(SubscriberError) {
        if options.tls != nil { gatherSegments(true) }
        defer { if options.tls != nil { gatherSegments(false) } }
        try check(mosquitto_loop_write(handle, 1), "writing to the broker")
        let failure = quantrac_buffer_flush()
        guard failure == 0 else {
            meetTheEnd()
            throw .library(code: Int32(MOSQ_ERR_ERRNO.rawValue), errno: failure, doing: "writing to the broker")
        }
    }

    /// Our buffer could not be written, of which the library does not know. It reads what is left, which may be why the broker
    /// hung up, and then meets the end by itself.
    private func meetTheEnd() {
        // A broker sends no more than the receive maximum; one that never ends is not listened to for ever.
        for _ in 0..<max(1000, 4 * options.receiveMaximum) {
            var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard hasUnread || poll(&state, 1, 0) > 0,
                mosquitto_loop_read(handle, 1) == MOSQ_ERR_SUCCESS.rawValue, socket >= 0
            else { break }
        }
        if socket >= 0 { onEvent(.disconnected(reason: Int32(MOSQ_ERR_CONN_LOST.rawValue))) }
        cut()
    }

    private func gatherSegments(_ gathers: Bool) {
        var value: Int32 = gathers ? 1 : 0
        // Whatever it answers, the packets leave: only not together.
        _ = setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Keep-alive; to be called about once a second, and well within the keep-alive time.
    func keepAlive() throws(SubscriberError) {
        try check(mosquitto_loop_misc(handle), "keeping the connection alive")
    }

    /// Says good-bye. This sends what is queued, PUBACKs included: never call it with messages that are not durable.
    func disconnect() {
        // The library closes the socket as soon as it has written its DISCONNECT: what waits in our buffer goes before.
        var tries = 0
        while (try? flush()) != nil, wantsWrite, tries < 10 {
            tries += 1
            var wait = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            _ = poll(&wait, 1, 100)
        }
        // A broker that takes nothing any more is left without a word.
        guard quantrac_buffer_unwritten() == 0 else { return cut() }
        quantrac_buffer_end()
        _ = mosquitto_disconnect_v5(handle, 0, nil)
        _ = mosquitto_loop_write(handle, 1)
    }

    /// Cuts the connection without sending anything. What was queued is thrown away with this client.
    func cut() {
        quantrac_buffer_end()
        if socket >= 0 { _ = shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Whether messages tell their DUP flag. The library does not hand it over, but writes it into its log
    /// (`… received PUBLISH (d1, q1, …`) just before; that costs a formatted line a message, so it is asked for only
    /// while redeliveries can come.
    func watchRedelivery(_ watch: Bool) {
        guard watch else {
            mosquitto_log_callback_set(handle, nil)
            flagOfNext = nil
            return
        }
        mosquitto_log_callback_set(handle) { _, context, _, text in
            guard let context, let text, let found = strstr(text, "received PUBLISH (d") else { return }
            let flag = found[strlen("received PUBLISH (d")]
            let client = Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
            client.flagOfNext = flag == UInt8(ascii: "1") ? true : flag == UInt8(ascii: "0") ? false : nil
        }
    }

    private func setCallbacks() {
        mosquitto_message_v5_callback_set(handle) { _, context, message, _ in
            guard let context, let message = message?.pointee, let topic = message.topic else { return }
            let client = Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
            client.onMessage(
                IncomingMessage(
                    topic: String(cString: topic),
                    payload: UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
                    retained: message.retain, packetID: UInt16(truncatingIfNeeded: message.mid),
                    isRedelivery: client.flagOfNext))
            client.flagOfNext = nil
        }
        mosquitto_connect_v5_callback_set(handle) { _, context, reason, flags, _ in
            guard let context else { return }
            let client = Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
            // Bit 0 of the acknowledge flags is "session present" (MQTT v5 §3.2.2.1.1).
            client.onEvent(reason == 0 ? .connected(sessionPresent: flags & 1 != 0) : .refused(reason: reason))
        }
        mosquitto_disconnect_v5_callback_set(handle) { _, context, reason, _ in
            guard let context else { return }
            // The library has closed the socket, and what is opened next may get its number.
            quantrac_buffer_end()
            Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue().onEvent(.disconnected(reason: reason))
        }
        mosquitto_publish_v5_callback_set(handle) { _, context, packetID, reason, _ in
            guard let context else { return }
            Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
                .onEvent(.published(packetID: packetID, reason: reason))
        }
        mosquitto_subscribe_v5_callback_set(handle) { _, context, packetID, count, granted, _ in
            guard let context, let granted else { return }
            // A granted QoS of 128 or more is a refusal (MQTT v5 §3.9.3).
            guard (0..<Int(count)).contains(where: { granted[$0] >= 128 }) else { return }
            Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
                .onEvent(.subscriptionRefused(packetID: packetID))
        }
    }

    private func add(
        _ list: inout OpaquePointer?, _ property: mqtt5_property, _ value: Int
    ) throws(SubscriberError) {
        try check(
            mosquitto_property_add_int32(&list, Int32(property.rawValue), UInt32(clamping: value)),
            "preparing the CONNECT")
    }

    private func check(_ code: Int32, _ doing: @autoclosure () -> String) throws(SubscriberError) {
        let number = errno
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw .library(code: code, errno: number, doing: doing())
        }
    }
}
