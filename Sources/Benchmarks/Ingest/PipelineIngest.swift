import Foundation

/// The usual way from a broker into a database: a bridge of some lines on Eclipse Paho (Python), which writes line protocol over
/// HTTP, and the database behind it. Nothing of it is durable when the broker hears that it was taken.
struct PipelineIngest<Database: Peer>: IngestSubscriber {
    let process: ChildProcess
    let processes: [ChildProcess]
    private let database: Database

    /// - Parameters:
    ///   - python: an interpreter that has Paho.
    ///   - program: of the database.
    init(python: String, program: String, port: UInt16, messages: Int, scratch: String) throws {
        database = try Database(program: program, path: scratch + "/database")
        if Database.self == InfluxDB.self {
            try database.connection.request("POST", QueryPath.influxDB("CREATE DATABASE \(InfluxDB.database)"))
        }
        try PahoBridge.script.write(toFile: scratch + "/bridge.py", atomically: false, encoding: .utf8)
        process = try ChildProcess(
            python,
            [
                scratch + "/bridge.py", "\(port)", "\(messages)", "\(database.connection.port)",
                "/write?db=\(InfluxDB.database)&precision=ms",
            ], outputPath: scratch + "/bridge.log")
        processes = [process, database.process]
    }

    func waitUntilReady() throws {
        try process.wait(for: "its subscription") { process.output.hasPrefix("ready") ? () : nil }
    }

    func waitUntilDone() throws -> (first: UInt64, last: UInt64) {
        try process.waitForSpan(atMost: 600)
    }
}

/// The bridge, as its users write it: a message's numbers become the fields of one line, and lines go out a thousand at a time, or
/// ten times a second.
enum PahoBridge {
    /// Where Paho is found; nil without it.
    static let python: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) && hasPaho($0) }
    }()

    private static func hasPaho(_ python: String) -> Bool {
        let check = Process()
        check.executableURL = URL(fileURLWithPath: python)
        check.arguments = ["-c", "import paho.mqtt.client"]
        check.standardError = FileHandle.nullDevice
        guard (try? check.run()) != nil else { return false }
        check.waitUntilExit()
        return check.terminationStatus == 0
    }

    static let script = """
        import http.client, json, sys, time
        import paho.mqtt.client as mqtt

        broker, wanted, port, path = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
        database = http.client.HTTPConnection("127.0.0.1", port)
        lines, sent, count, first = [], time.monotonic(), 0, 0

        def fields(value, name=""):
            if isinstance(value, bool):
                return []
            if isinstance(value, (int, float)):
                return [(name or "value", float(value))]
            if isinstance(value, dict):
                return [f for key, inner in value.items() for f in fields(inner, (name + "_" if name else "") + key)]
            return []

        def write():
            global lines, sent
            if lines:
                database.request("POST", path, "\\n".join(lines).encode())
                answer = database.getresponse()
                answer.read()
                if answer.status >= 300:
                    sys.exit("the database answers %d" % answer.status)
            lines, sent = [], time.monotonic()

        def on_message(client, context, message):
            global count, first
            first = first or time.monotonic_ns()
            count += 1
            try:
                found = fields(json.loads(message.payload))
            except ValueError:
                found = []
            if found:
                topic = message.topic.replace(" ", "\\\\ ").replace(",", "\\\\,").replace("=", "\\\\=")
                values = ",".join("%s=%r" % (name.replace(" ", "\\\\ "), number) for name, number in found)
                lines.append("mqtt,topic=%s %s %d" % (topic, values, time.time_ns() // 1000000))
            if len(lines) >= 1000 or count >= wanted or time.monotonic() - sent > 0.1:
                write()
            if count == wanted:
                print("done", first, time.monotonic_ns(), flush=True)

        client = mqtt.Client("bridge", clean_session=False)
        client.on_connect = lambda client, *_: client.subscribe("#", 1)
        client.on_subscribe = lambda *_: print("ready", flush=True)
        client.on_message = on_message
        client.connect("127.0.0.1", broker)
        client.loop_forever()
        """
}
