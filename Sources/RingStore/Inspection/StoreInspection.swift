import Readings

/// What the files of a store hold, found out without opening the store.
public struct StoreInspection: Sendable {
    /// Where the store is.
    public var path: String
    /// The random number that every frame, page and segment of the store carries.
    public var store: UInt64
    public var format: UInt16
    public var files: [File] = []
    public var log = Log()
    public var catalogue = Catalogue()
    public var segmentBytes: UInt64
    /// Segments that the pool has room for.
    public var slots: Int
    /// The segments that count, by sequence.
    public var segments: [Segment] = []
    /// What does not pass its check. The checks of `inspect` are those of headers, frames and pages; `verify` reads all.
    public var damage: [Damage] = []
    /// Whether everything was read and decoded, and not only looked at.
    public var isVerified: Bool

    public var isHealthy: Bool { damage.isEmpty }

    /// Readings in segments and in the chunks of the last checkpoint. Records of tiers are none.
    public var samples: UInt64 {
        segments.reduce(log.headSamples) { $0 + ($1.content == SegmentEntry.Content.raw.name ? $1.samples : 0) }
    }

    public struct File: Sendable {
        public var name: String
        public var bytes: UInt64
        /// What it takes from the disk: less than `bytes` for a file with holes.
        public var allocatedBytes: UInt64
    }

    /// The ring of frames.
    public struct Log: Sendable {
        public var bytes: UInt64 = 0
        /// What the frames that hold take, from the checkpoint in force on.
        public var bytesUsed: UInt64 = 0
        /// The sequence of the checkpoint in force; 0 if none is readable.
        public var checkpoint: UInt64 = 0
        /// The sequence of the newest frame that holds.
        public var newest: UInt64 = 0
        public var frames: [Frames] = []
        /// Chunks of the head, as of the checkpoint.
        public var headChunks = 0
        public var headSamples: UInt64 = 0
        public var identities = 0
        /// Attempts that were given up after a failed write, or never finished, and frames whose readings a later one took
        /// along. They are no damage.
        public var givenUp = 0
    }

    /// Frames of one kind.
    public struct Frames: Sendable {
        /// `readings`, `headChunks`, `amendments`, `checkpoint` or `mark`.
        public var kind: String
        public var count: Int
        public var bytes: UInt64
    }

    public struct Catalogue: Sendable {
        public var bytes: UInt64 = 0
        public var pages = 0
        public var pagesUsed = 0
        public var series = 0
        public var shapes = 0
    }

    public struct Segment: Sendable {
        public var sequence: UInt64
        public var slot: UInt32
        /// `raw`, `1m` or `1h`.
        public var content: String
        public var first: Timestamp
        public var last: Timestamp
        public var chunks: Int
        /// Readings, or records of a tier.
        public var samples: UInt64
        /// Header, chunks and index.
        public var bytesUsed: UInt64

        /// Nil if there are no samples.
        public var bytesPerSample: Double? { samples == 0 ? nil : Double(bytesUsed) / Double(samples) }
    }

    /// One thing that is not as it was written.
    public struct Damage: Sendable, Hashable, CustomStringConvertible {
        /// `super`, `log`, `catalogue` or `pool`.
        public var file: String
        /// Of the file's begin.
        public var offset: UInt64
        /// What is wrong, and what it costs.
        public var what: String

        public var description: String { "file \(file), byte \(offset): \(what)" }
    }
}

/// Why nothing can be said of a store.
public enum InspectionError: Error, Hashable, CustomStringConvertible {
    case noStore(path: String)
    case superblockLost(path: String)
    case otherFormat(path: String, version: UInt16, known: UInt16)
    case fileSystem(FileError)
    /// The daemon writes faster than the log can be read.
    case changing(path: String)

    public var description: String {
        switch self {
        case .noStore(let path): "there is no store in \(path): name the directory that store.directory names"
        case .superblockLost(let path):
            "no copy of the superblock in \(path) is readable: the sizes of the other files are not known; restore the "
                + "file 'super' from a backup"
        case .otherFormat(let path, let version, let known):
            "\(path) has format \(version), this version knows \(known): use the version that wrote it"
        case .fileSystem(let error): "\(error): check the path and its permissions"
        case .changing(let path): "the store in \(path) changes faster than it can be read: try again"
        }
    }
}

extension StoreInspection {
    /// Looks at headers, frames and pages of the store in `directory`. Takes time with the size of the log.
    ///
    /// Takes no lock and writes nothing: a daemon may have the store open and go on writing.
    public static func inspect(_ directory: any StorageDirectory) throws(InspectionError) -> StoreInspection {
        try StoreInspector(directory, verifies: false).run()
    }

    /// Reads all of the store in `directory`: checks every checksum, decodes every chunk. Takes time with what it holds.
    ///
    /// Like `inspect` it takes no lock and writes nothing. What the ring writes over meanwhile is left out.
    public static func verify(
        _ directory: any StorageDirectory, progress: (_ segments: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(InspectionError) -> StoreInspection {
        try StoreInspector(directory, verifies: true).run(progress)
    }
}
