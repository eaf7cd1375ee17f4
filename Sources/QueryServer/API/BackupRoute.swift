import Hummingbird

/// `GET /api/v1/backup`: the whole store as of now, as a stream that `quantrac backup` makes files of.
struct BackupRoute: Sendable {
    let backend: any QueryBackend
    let lane: BlockingLane

    func add(to api: RouterGroup<QueryContext>) {
        api.get("backup") { [backend, lane] _, _ in
            let source = await backend.backup()
            return try await StreamedAnswer.response(contentType: "application/vnd.quantrac.backup", on: lane) {
                BackupPieces(source: source)
            }
        }
    }
}

private struct BackupPieces: BodyPieces {
    var source: any BackupSource

    mutating func next() throws -> ByteBuffer? {
        try source.next().map { ByteBuffer(bytes: $0) }
    }
}
