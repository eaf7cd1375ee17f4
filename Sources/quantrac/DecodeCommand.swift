import ArgumentParser
import ConfigurationFile
import Foundation
import PayloadDecoders
import Readings

/// `quantrac decode`: what a message would become, and why not, without a daemon.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Show what a message would become, and why not, without a daemon.",
        discussion: """
            One message: --topic, and the payload by --payload or --payload-file, else from standard input.

            Many: --jsonl reads lines {"topic", "payload" | "payload_base64", "retained", "received_at", "zone"} from \
            FILE, or from standard input, in order; what one line tells (discovery, a bridge's names) holds for the \
            next. Each gives one JSON line: {"readings", "state", "refused"}.

            The mappings of --config count, as they would for the daemon: try them here before it uses them.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @Option(help: "The topic of the message, without the household's own part.")
    var topic: String?

    @Option(help: "The payload as text.")
    var payload: String?

    @Option(help: "A file with the payload.")
    var payloadFile: String?

    @Flag(help: "The message is a stored one that arrives upon subscription.")
    var retained = false

    @Flag(help: "Read one message a line, as JSON.")
    var jsonl = false

    @Argument(help: "The file of lines; standard input if absent.")
    var file: String?

    @Option(help: "The time zone of the devices' clocks, such as Asia/Ho_Chi_Minh; with --jsonl UTC by default.")
    var zone: String?

    @Option(
        help: "The daemon's configuration, for its mappings; /etc/quantrac/quantrac.yaml by default, if it can be read."
    )
    var config: String?

    @Option(help: "How to show one message: table or json.")
    var format = Format.table

    func validate() throws {
        if jsonl == (topic != nil) {
            throw ValidationError("Give either --topic for one message, or --jsonl for a file of messages.")
        }
        if jsonl, payload != nil || payloadFile != nil || retained {
            throw ValidationError("With --jsonl the payloads stand in the lines.")
        }
        if !jsonl, file != nil {
            throw ValidationError("A file of messages needs --jsonl; for one payload use --payload-file.")
        }
        if payload != nil, payloadFile != nil {
            throw ValidationError("Give --payload or --payload-file, not both.")
        }
        if let zone, HouseholdZone(identifier: zone) == nil {
            throw ValidationError("'\(zone)' is no time zone. Names are those of the IANA database: Asia/Ho_Chi_Minh.")
        }
    }

    func run() throws {
        let zone = zone.flatMap { HouseholdZone(identifier: $0) }
        let mappings = try mappings()
        if jsonl {
            try decodeLines(DecodeSession(zone: zone ?? .utc, mappings: mappings))
        } else if let topic {
            try decodeOne(topic: topic, DecodeSession(zone: zone ?? .ofThisMachine, mappings: mappings))
        }
    }

    private static let defaultConfiguration = "/etc/quantrac/quantrac.yaml"

    private func mappings() throws -> MappingSet {
        let path = config ?? DecodeCommand.defaultConfiguration
        guard let contents = FileManager.default.contents(atPath: path) else {
            if config == nil { return .none }
            throw DecodeInputError(path: path, reason: "it does not exist, or may not be read")
        }
        return try MappingSet(MappingReader.mappings(in: String(decoding: contents, as: UTF8.self), named: path))
    }

    private func decodeLines(_ started: DecodeSession) throws {
        if let file {
            // The file becomes our standard input, so that both are read line by line in the same way.
            let descriptor = open(file, O_RDONLY)
            guard descriptor >= 0, dup2(descriptor, STDIN_FILENO) >= 0 else {
                throw DecodeInputError(path: file, reason: String(cString: strerror(errno)))
            }
            close(descriptor)
        }
        var session = started
        while let line = readLine(strippingNewline: true) {
            if line.allSatisfy(\.isWhitespace) { continue }
            print(session.answer(to: line))
        }
    }

    private func decodeOne(topic: String, _ started: DecodeSession) throws {
        let bytes: Data
        if let payload {
            bytes = Data(payload.utf8)
        } else if let payloadFile {
            guard let contents = FileManager.default.contents(atPath: payloadFile) else {
                throw DecodeInputError(path: payloadFile, reason: "it does not exist, or may not be read")
            }
            bytes = contents
        } else {
            bytes = FileHandle.standardInput.readDataToEndOfFile()
        }
        var session = started
        let line = DecodeLine(topic: topic, payload: bytes, retained: retained, receivedAt: .now)
        let decoded = session.decode(line)
        switch format {
        case .json: print(DecodeAnswer(decoded).json)
        case .table: print(DecodeAnswer(decoded).table)
        }
    }
}

/// A file that `quantrac decode` can't read.
struct DecodeInputError: Error, CustomStringConvertible {
    var path: String
    var reason: String

    var description: String { "cannot read \(path): \(reason). Check the path and its permissions." }
}

extension Timestamp {
    /// The machine's clock.
    fileprivate static var now: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
    }
}
