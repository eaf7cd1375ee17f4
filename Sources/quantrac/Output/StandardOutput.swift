import Foundation

/// Standard output or standard error, written at once and whole.
struct StandardOutput: Sendable {
    static let out = StandardOutput(descriptor: STDOUT_FILENO)
    static let error = StandardOutput(descriptor: STDERR_FILENO)

    let descriptor: Int32

    func write(lines: [String]) throws(OutputError) {
        guard !lines.isEmpty else { return }
        try write(lines.joined(separator: "\n") + "\n")
    }

    func write(_ text: String) throws(OutputError) {
        try write(bytes: Array(text.utf8))
    }

    func write(bytes: [UInt8]) throws(OutputError) {
        var start = 0
        while start < bytes.count {
            let (written, code) = bytes.withUnsafeBytes { buffer in
                let count = Foundation.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
                return (count, errno)
            }
            if written > 0 {
                start += written
            } else if written < 0, code == EAGAIN {
                // Somebody made the terminal non-blocking; wait until it takes more.
                var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&state, 1, 1000)
            } else if written < 0, code != EINTR {
                throw code == EPIPE ? .readerGone : .failed(String(cString: strerror(code)))
            }
        }
    }
}

/// Why output could not be written.
enum OutputError: Error, CustomStringConvertible {
    /// The reader of the pipe has seen enough (`| head`): not a fault, and nobody is left to tell.
    case readerGone
    case failed(String)

    var description: String {
        switch self {
        case .readerGone: "the reader of the output is gone"
        case .failed(let reason): "cannot write the output: \(reason)"
        }
    }
}
