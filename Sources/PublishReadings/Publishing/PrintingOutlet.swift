import Glibc

/// Prints messages as lines instead of publishing them.
final class PrintingOutlet: Outlet {
    enum Form {
        /// Topic, tab, payload
        case tabs
        /// The lines that `quantrac decode --jsonl` reads
        case json
    }

    private static let bufferSize = 1 << 16

    let acknowledged: Int? = nil
    private let form: Form
    private var buffer: [UInt8] = []

    init(_ form: Form) {
        self.form = form
    }

    func publish(_ publication: Publication) throws {
        switch form {
        case .tabs:
            buffer += publication.topic.utf8
            buffer.append(UInt8(ascii: "\t"))
            buffer += publication.payload
        case .json:
            let payload =
                if let text = String(validating: publication.payload, as: UTF8.self) {
                    #""payload":\#(quoted(text))"#
                } else {
                    #""payload_base64":"\#(base64(publication.payload))""#
                }
            let time = TimeText.utc(wallClock())
            buffer += #"{"topic":\#(quoted(publication.topic)),\#(payload),"#.utf8
            buffer += #""retained":\#(publication.retain),"received_at":"\#(time)"}"#.utf8
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= PrintingOutlet.bufferSize { try flush() }
    }

    func wait(until deadline: ContinuousClock.Instant) throws {
        try flush()
        while !StopRequest.isMade {
            let left = deadline - .now
            guard left > .zero else { return }
            let (seconds, attoseconds) = min(left, .seconds(1)).components
            var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
            nanosleep(&pause, nil)
        }
    }

    func finish() throws {
        try flush()
    }

    private func flush() throws {
        while !buffer.isEmpty {
            let count = write(STDOUT_FILENO, buffer, buffer.count)
            guard count > 0 else {
                if errno == EINTR { continue }
                throw PublishingError.library(doing: "printing", reason: String(cString: strerror(errno)))
            }
            buffer.removeFirst(count)
        }
    }
}

/// RFC 4648 §4.
private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var out = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
        var text = ""
        for place in 0..<4 {
            text = (place < 3 - group.count ? "=" : String(alphabet[Int(bits & 63)])) + text
            bits >>= 6
        }
        out += text
    }
    return out
}
