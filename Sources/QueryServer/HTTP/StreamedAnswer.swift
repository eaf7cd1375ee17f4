import Hummingbird

/// A body that is made piece by piece, so that memory is that of one piece, however long the answer is.
protocol BodyPieces: Sendable {
    /// The next piece; nil at the end. May block, unless all of it is said to be in memory.
    mutating func next() throws -> ByteBuffer?
}

enum StreamedAnswer {
    /// The size of a piece from which on it is sent. Small, because a client has ten seconds to take one.
    static let pieceBytes = 64 << 10

    /// Sends what `make` prepares. Errors of the beginning become an error answer; a later one breaks the connection
    /// off before the body's end, which a client sees as an incomplete answer.
    ///
    /// - Parameter lane: nil if all of it is in memory and short: then it is made on the connection's own thread, as waking
    ///   another one would take longer.
    static func response<Pieces: BodyPieces>(
        contentType: String, on lane: BlockingLane?, _ make: @escaping @Sendable () throws -> Pieces
    ) async throws -> Response {
        let start = try await run(on: lane) {
            var pieces = try make()
            let first = try pieces.next() ?? ByteBuffer()
            return Step(piece: first, following: try pieces.next(), pieces: pieces)
        }
        guard start.following != nil else {
            return Response(
                status: .ok, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: start.piece))
        }
        let body = ResponseBody { writer in
            try await writer.write(start.piece)
            var step = start
            while let piece = step.following {
                try await writer.write(piece)
                step = try await run(on: lane) { [step] in
                    var pieces = step.pieces
                    return Step(piece: piece, following: try pieces.next(), pieces: pieces)
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: contentType], body: body)
    }

    private static func run<Pieces>(
        on lane: BlockingLane?, _ body: @escaping @Sendable () throws -> Step<Pieces>
    ) async throws -> Step<Pieces> {
        guard let lane else { return try body() }
        return try await lane.run(body)
    }

    private struct Step<Pieces: BodyPieces>: Sendable {
        var piece: ByteBuffer
        var following: ByteBuffer?
        var pieces: Pieces
    }
}
