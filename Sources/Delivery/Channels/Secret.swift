import Foundation

/// A password, key or token from a file. It shows itself nowhere.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// To be used, never shown.
    let text: String

    public init(_ text: String) { self.text = text }

    public struct Unreadable: Error, CustomStringConvertible {
        public var description: String
    }

    /// The content of a file, without the line's end.
    public init(file path: String) throws(Unreadable) {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 64 << 10,
            let text = String(data: data, encoding: .utf8)?.trimmingCharacters(in: .newlines), !text.isEmpty
        else {
            throw Unreadable(description: "\(path) cannot be read; it must hold the secret alone, in UTF-8")
        }
        guard !text.contains(where: \.isNewline), !text.contains("\0") else {
            throw Unreadable(description: "\(path) must hold the secret alone, in one line")
        }
        self.text = text
    }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// The same without any of `secrets`: servers repeat what they were given, and errors name whole URLs. What is cut or otherwise
    /// put into shape afterwards has none of them left.
    func hiding(_ secrets: [Secret]) -> String {
        secrets.reduce(self) { $1.text.isEmpty ? $0 : $0.replacingOccurrences(of: $1.text, with: "•••") }
    }
}

extension Outcome {
    /// The same without any of `secrets` in its words.
    func hiding(_ secrets: [Secret]) -> Outcome {
        func hidden(_ text: String) -> String { text.hiding(secrets) }
        return switch self {
        case .delivered: .delivered
        case .failed(let reason, let wanted): .failed(hidden(reason), retryAfter: wanted)
        case .rejected(let reason): .rejected(hidden(reason))
        case .partly(let refusals):
            .partly(
                refusals.map {
                    RecipientRefusal(recipient: $0.recipient, reason: hidden($0.reason), isForGood: $0.isForGood)
                })
        case .divided(let parts):
            .divided(
                parts.map { part in
                    switch part {
                    case .delivered: .delivered
                    case .unannounced(let reason): .unannounced(hidden(reason))
                    case .failed(let reason): .failed(hidden(reason))
                    case .refused(let reason): .refused(hidden(reason))
                    case .rejected(let reason): .rejected(hidden(reason))
                    }
                })
        }
    }
}
