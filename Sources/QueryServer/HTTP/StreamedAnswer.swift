import Hummingbird

/// A body that is made piece by piece, so that memory is that of one piece, however long the answer is.
protocol BodyPieces: Sendable {
    /// The next piece; nil at the end. Blocking: called on a thread that may wait.
    mutating func next() throws -> ByteBuffer?
}

enum StreamedAnswer {
    /// The size of a piece from which on it is sent. Small, because a client has ten seconds to take one.
    static let pieceBytes = 64 << 10

    /// Sends what `make` prepares. Errors of the beginning become an error answer; a later one breaks the connection
    /// off before the body's end, which a client sees as an incomplete answer.
    static func response<Pieces: BodyPieces>(
        contentType: String, on lane: BlockingLane, _ make: @escaping @Sendable () throws -> Pieces
    ) async throws -> Response {
        let start = try await lane.run {
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
                step = try await lane.run { [step] in
                    var pieces = step.pieces
                    return Step(piece: piece, following: try pieces.next(), pieces: pieces)
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: contentType], body: body)
    }

    private struct Step<Pieces: BodyPieces>: Sendable {
        var piece: ByteBuffer
        var following: ByteBuffer?
        var pieces: Pieces
    }
}
