import ArgumentParser
import CMosquitto
import Glibc

/// The baseline of the ingest benchmark: a subscriber on libmosquitto that acknowledges and counts, and nothing else.
///
/// It reads and acknowledges in the same order as the daemon: a batch, then the PUBACKs, but without decoding, storing or
/// syncing anything in between.
final class BareSubscriber {
    private let handle: OpaquePointer
    private var count = 0
    private var isSubscribed = false
    private var refusal: Int32?

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(port: UInt16) throws {
        mosquitto_lib_init()
        guard let handle = mosquitto_new("bare-subscriber", false, nil) else {
            throw Failure(description: "no MQTT client: \(String(cString: strerror(errno)))")
        }
        self.handle = handle
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, 5)
        mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(IngestBenchmark.receiveMaximum))
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        // Nothing leaves before loop_write, as in the daemon.
        mosquitto_threaded_set(handle, true)
        setCallbacks()
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), 3600)
        try check(mosquitto_connect_bind_v5(handle, "127.0.0.1", Int32(port), 60, nil, properties), "connecting")
    }

    deinit {
        mosquitto_destroy(handle)
    }

    /// Reads until `messages` have come. Prints `ready` once subscribed, and then the instants of the first and the last
    /// message, in nanoseconds of the monotonic clock. Then waits for its end, so that what it has used can be read.
    func run(until messages: Int) throws {
        var first: UInt64?
        var told = false
        while count < messages {
            var wait = pollfd(fd: mosquitto_socket(handle), events: Int16(POLLIN), revents: 0)
            if mosquitto_want_write(handle) { wait.events |= Int16(POLLOUT) }
            _ = poll(&wait, 1, 1000)
            if wait.revents & ~Int16(POLLOUT) != 0 { try readBatch() }
            if count > 0, first == nil { first = monotonicNanoseconds() }
            if mosquitto_want_write(handle) { try check(mosquitto_loop_write(handle, 1), "writing") }
            try check(mosquitto_loop_misc(handle), "keeping alive")
            if let refusal { throw Failure(description: "the broker refuses us: \(refusal)") }
            if isSubscribed, !told {
                print("ready")
                fflush(nil)
                told = true
            }
        }
        print("done \(first ?? 0) \(monotonicNanoseconds())")
        fflush(nil)
        mosquitto_disconnect(handle)
        mosquitto_loop_write(handle, 1)
        while true { pause() }
    }

    /// The library reads one packet a call; that a message came is the only sign that more may be waiting.
    private func readBatch() throws {
        let full = count + IngestBenchmark.receiveMaximum / 2
        var before: Int
        repeat {
            before = count
            try check(mosquitto_loop_read(handle, 1), "reading")
        } while count != before && count < full
    }

    private func setCallbacks() {
        mosquitto_connect_callback_set(handle) { handle, context, reason in
            guard let context else { return }
            let subscriber = Unmanaged<BareSubscriber>.fromOpaque(context).takeUnretainedValue()
            guard reason == 0 else {
                subscriber.refusal = reason
                return
            }
            mosquitto_subscribe(handle, nil, "#", 1)
        }
        mosquitto_subscribe_callback_set(handle) { _, context, _, _, _ in
            guard let context else { return }
            Unmanaged<BareSubscriber>.fromOpaque(context).takeUnretainedValue().isSubscribed = true
        }
        mosquitto_message_callback_set(handle) { _, context, _ in
            guard let context else { return }
            Unmanaged<BareSubscriber>.fromOpaque(context).takeUnretainedValue().count += 1
        }
    }

    private func check(_ code: Int32, _ doing: String) throws {
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw Failure(description: "\(doing): \(String(cString: mosquitto_strerror(code)))")
        }
    }
}

/// The subscriber as a process of its own, which the ingest benchmark starts.
struct BareSubscriberCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare-subscriber", abstract: "Counts messages.", shouldDisplay: false)

    @Option var port: UInt16
    @Option var messages: Int

    func run() throws {
        try BareSubscriber(port: port).run(until: messages)
    }
}

func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
