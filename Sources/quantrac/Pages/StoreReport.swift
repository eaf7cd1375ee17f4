import Readings
import RingStore

/// `quantrac store inspect|verify --format json`.
struct StoreReport: Encodable, Sendable {
    struct File: Encodable, Sendable {
        var name: String
        var bytes: UInt64
        /// What it takes from the disk
        var allocatedBytes: UInt64
    }

    struct Frames: Encodable, Sendable {
        var kind: String
        var count: Int
        var bytes: UInt64
    }

    struct Log: Encodable, Sendable {
        var bytes: UInt64
        var bytesUsed: UInt64
        var checkpoint: UInt64
        var newest: UInt64
        var frames: [Frames]
        var headChunks: Int
        var headSamples: UInt64
        var identities: Int
        var givenUp: Int
    }

    struct Catalogue: Encodable, Sendable {
        var bytes: UInt64
        var pages: Int
        var pagesUsed: Int
        var series: Int
        var shapes: Int
    }

    struct Segment: Encodable, Sendable {
        var sequence: UInt64
        var slot: UInt32
        var content: String
        /// RFC 3339
        var first: String
        var last: String
        var chunks: Int
        var samples: UInt64
        var bytesUsed: UInt64
        var bytesPerSample: Double?
    }

    struct Damage: Encodable, Sendable {
        var file: String
        var offset: UInt64
        var what: String
    }

    var path: String
    /// The store's own number, hexadecimal
    var store: String
    var format: UInt16
    /// Whether everything was read and decoded
    var verified: Bool
    var healthy: Bool
    var samples: UInt64
    var segmentBytes: UInt64
    var slots: Int
    var files: [File]
    var log: Log
    var catalogue: Catalogue
    var segments: [Segment]
    var damage: [Damage]

    init(_ inspection: StoreInspection) {
        path = inspection.path
        store = String(inspection.store, radix: 16)
        format = inspection.format
        verified = inspection.isVerified
        healthy = inspection.isHealthy
        samples = inspection.samples
        segmentBytes = inspection.segmentBytes
        slots = inspection.slots
        files = inspection.files.map { File(name: $0.name, bytes: $0.bytes, allocatedBytes: $0.allocatedBytes) }
        let log = inspection.log
        self.log = Log(
            bytes: log.bytes, bytesUsed: log.bytesUsed, checkpoint: log.checkpoint, newest: log.newest,
            frames: log.frames.map { Frames(kind: $0.kind, count: $0.count, bytes: $0.bytes) },
            headChunks: log.headChunks, headSamples: log.headSamples, identities: log.identities,
            givenUp: log.givenUp)
        let catalogue = inspection.catalogue
        self.catalogue = Catalogue(
            bytes: catalogue.bytes, pages: catalogue.pages, pagesUsed: catalogue.pagesUsed, series: catalogue.series,
            shapes: catalogue.shapes)
        segments = inspection.segments.map {
            Segment(
                sequence: $0.sequence, slot: $0.slot, content: $0.content, first: $0.first.rfc3339,
                last: $0.last.rfc3339, chunks: $0.chunks, samples: $0.samples, bytesUsed: $0.bytesUsed,
                bytesPerSample: $0.bytesPerSample)
        }
        damage = inspection.damage.map { Damage(file: $0.file, offset: $0.offset, what: $0.what) }
    }
}
