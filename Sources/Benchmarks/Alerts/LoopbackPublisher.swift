import CMosquitto
import Glibc

/// Publishes at QoS 1; the library's own thread does the network.
final class LoopbackPublisher {
    private let handle: OpaquePointer

    init(port: UInt16) throws {
        mosquitto_lib_init()
        guard let handle = mosquitto_new("quantrac-bench-publisher", true, nil) else {
            throw ChildProcess.Failure(description: "no MQTT client: \(String(cString: strerror(errno)))")
        }
        self.handle = handle
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        try check(mosquitto_connect(handle, "127.0.0.1", Int32(port), 60), "connecting")
        try check(mosquitto_loop_start(handle), "starting the publisher")
    }

    deinit {
        mosquitto_disconnect(handle)
        mosquitto_loop_stop(handle, true)
        mosquitto_destroy(handle)
    }

    func publish(_ topic: String, _ payload: String) throws {
        let bytes = Array(payload.utf8)
        try check(mosquitto_publish(handle, nil, topic, Int32(bytes.count), bytes, 1, false), "publishing")
    }

    private func check(_ result: Int32, _ what: String) throws {
        guard result == MOSQ_ERR_SUCCESS.rawValue else {
            throw ChildProcess.Failure(description: "\(what): \(String(cString: mosquitto_strerror(result)))")
        }
    }
}
