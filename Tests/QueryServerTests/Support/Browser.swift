import Foundation
import TestSupport

/// Headless Chromium, driven by the Chrome DevTools Protocol over a pair of pipes.
///
/// A dump of the page at its load would come before the page has fetched anything; this way a test can wait for what
/// it expects, press buttons, and see every error that the console would show.
final class Browser {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// What a page reported that a person would see in red: exceptions, errors, refused or missing resources.
    private(set) var complaints: [String] = []
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let input: Int32
    private let output: Int32
    private var received: [UInt8] = []
    private var lastCall = 0

    /// Starts Chromium. It is killed when this object is gone, and by `timeout` in any case.
    init() throws {
        directory = try TemporaryDirectory()
        let paths = [directory.file("in"), directory.file("out")]
        for path in paths { guard mkfifo(path, 0o600) == 0 else { throw Failure(description: "no pipe") } }
        // Open for both directions, so that neither side waits for the other.
        input = Foundation.open(paths[0], O_RDWR | O_CLOEXEC)
        output = Foundation.open(paths[1], O_RDWR | O_CLOEXEC)
        let options = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--user-data-dir=\(directory.file("profile"))", "--remote-debugging-pipe", "about:blank",
        ]
        process = try ChildProcess(
            "timeout",
            ["--kill-after=5", "120", "sh", "-c", "exec chromium \"$@\" 3<\"$0/in\" 4>\"$0/out\"", directory.path]
                + options, outputPath: directory.file("log"))
    }

    /// Leaves no process behind that would still write into the directory that goes with this object.
    deinit {
        _ = try? call("Browser.close")
        for attempt in 0..<200 where process.isRunning {
            if attempt == 100 { process.signal(SIGTERM) }
            usleep(50_000)
        }
        close(input)
        close(output)
    }

    static var isInstalled: Bool { (try? ChildProcess.locate("chromium")) != nil }

    /// A page of its own that begins to load `url`; returns the session to ask it with.
    func open(_ url: String) throws -> String {
        let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String
        let attached = try call("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])
        guard let session = attached["sessionId"] as? String else { throw Failure(description: "no session: \(log)") }
        for domain in ["Log", "Runtime", "Page"] { try call("\(domain).enable", session: session) }
        try call("Page.navigate", ["url": url], session: session)
        return session
    }

    /// The value of a JavaScript expression in the page.
    @discardableResult
    func evaluate(_ expression: String, in session: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true],
            session: session)
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until the expression is true. Throws what the page shows if it never is.
    func wait(for expression: String, in session: String) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try evaluate(expression, in: session) as? Bool == true { return }
            usleep(50_000)
        }
        let text = try evaluate("document.body.innerText", in: session) as? String ?? ""
        throw Failure(description: "never true: \(expression)\n\(complaints)\n\(text)")
    }

    @discardableResult
    private func call(
        _ method: String, _ parameters: [String: Any] = [:], session: String? = nil
    ) throws -> [String: Any] {
        lastCall += 1
        var message: [String: Any] = ["id": lastCall, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        let bytes = Array(try JSONSerialization.data(withJSONObject: message)) + [0]
        guard write(input, bytes, bytes.count) == bytes.count else {
            throw Failure(description: "cannot write: \(log)")
        }
        while true {
            let answer = try nextMessage()
            if answer["id"] as? Int == lastCall {
                if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
                return answer["result"] as? [String: Any] ?? [:]
            }
            note(answer)
        }
    }

    private func note(_ event: [String: Any]) {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Runtime.exceptionThrown": complaints.append("\(parameters)")
        case "Runtime.consoleAPICalled":
            if ["error", "warning", "assert"].contains(parameters["type"] as? String) {
                complaints.append("\(parameters)")
            }
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            if entry["level"] as? String == "error" {
                complaints.append("\(entry["text"] ?? entry) \(entry["url"] ?? "")")
            }
        default: break
        }
    }

    /// Messages end with a NUL.
    private func nextMessage() throws -> [String: Any] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = Data(received[..<end])
                received.removeSubrange(...end)
                return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
            }
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 60_000) == 1 else { throw Failure(description: "Chromium is silent: \(log)") }
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { throw Failure(description: "Chromium has gone: \(log)") }
            received += buffer[..<count]
        }
    }

    private var log: String { process.output }
}
