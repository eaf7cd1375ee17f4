/// Why a frame was not made durable.
enum LogFailure: Error {
    case full
    case file(FileError)
}

/// The writing end of the log: a ring of frames in a file that never changes its size.
///
/// Positions count on and on; the place in the file is the position modulo the file's length, and a frame that would
/// reach beyond the file's end begins at the next multiple. Everything from `start` on is still needed.
final class RingLog {
    let file: any StorageFile
    let capacity: UInt64
    let store: UInt64
    /// The sequence of the next frame that is tried.
    private(set) var sequence: UInt64
    /// The last frame that holds.
    private(set) var previous: UInt64
    /// The checkpoint in force.
    private(set) var base: UInt64
    /// Where the next frame goes.
    private(set) var next: UInt64
    /// Where the last durable frame ends: what lies behind was given up and may be written over.
    private var durableEnd: UInt64
    /// The first frame that the checkpoint in force needs.
    private(set) var start: Start

    /// The newest frame, if it is one of readings that fits into a block.
    private var open: OpenFrame?
    private var joined = ByteWriter(capacity: Frame.block)

    private(set) var syncs: UInt64 = 0
    private(set) var lastSyncNanoseconds: UInt64 = 0
    private(set) var bytesWritten: UInt64 = 0

    /// A frame whose readings the next one takes along, if there is room for both in a block: then that one takes its place.
    fileprivate struct OpenFrame {
        /// The payload without its end.
        var items: [UInt8]
        var previous: UInt64
        var position: UInt64
        /// A block before this one's that is free again: the frame in it is the one whose place this one took.
        var spare: UInt64?
    }

    /// A place from which on frames are needed.
    struct Start: Sendable {
        /// Of the first frame that is tried from here on.
        var sequence: UInt64 = 0
        var position: UInt64 = 0
    }

    struct Position {
        var sequence: UInt64 = 1
        var previous: UInt64 = 0
        var base: UInt64 = 0
        var next: UInt64 = 0
        var start = Start()
    }

    init(file: any StorageFile, capacity: UInt64, store: UInt64, at position: Position = Position()) {
        self.file = file
        self.capacity = capacity
        self.store = store
        sequence = position.sequence
        previous = position.previous
        base = position.base
        next = position.next
        durableEnd = position.next
        start = position.start
    }

    /// Bytes that cannot be written over.
    var used: UInt64 { durableEnd - start.position }

    /// The same with attempts that failed and behind which the next frame goes.
    var reach: UInt64 { max(next, durableEnd) - start.position }

    /// Lets the next frame take the place of attempts that failed and to which nothing can refer: were it to go behind them, their
    /// room would be used up by nothing until the next checkpoint.
    func giveUpAttempts() {
        open = nil
        next = durableEnd
    }

    /// Behind everything that is durable.
    private var end: Start { Start(sequence: sequence, position: durableEnd) }

    /// The end of the log. No frame that comes holds anything of what came before.
    func cut() -> Start {
        open = nil
        return end
    }

    /// Writes the frame of readings (begun with `Frame.begin`) and syncs it, with those of the frame before if that is small:
    /// else a few readings for each sync would soon fill the log.
    func appendReadings(_ frame: inout ByteWriter) throws(LogFailure) {
        let payload = UnsafeRawBufferPointer(rebasing: frame.bytes[Frame.headerBytes...])
        if let open, Frame.headerBytes + open.items.count + payload.count <= Frame.block {
            Frame.begin(&joined)
            joined.append(open.items)
            joined.append(payload)
            try appendDurably(&joined, .readings, inPlaceOf: open)
        } else {
            try appendDurably(&frame, .readings)
        }
    }

    /// Writes the frame (begun with `Frame.begin`) and syncs it.
    ///
    /// A failed attempt is repeated once, elsewhere: after a failed sync the kernel may hold the pages for clean, and only
    /// bytes that are written anew are synced by the next call.
    func appendDurably(_ frame: inout ByteWriter, _ kind: Frame.Kind) throws(LogFailure) {
        try appendDurably(&frame, kind, inPlaceOf: nil)
    }

    private func appendDurably(
        _ frame: inout ByteWriter, _ kind: Frame.Kind, inPlaceOf replaced: OpenFrame?
    ) throws(LogFailure) {
        let begin = next
        do throws(LogFailure) {
            try attempt(&frame, kind, inPlaceOf: replaced)
        } catch {
            guard case .file = error else { throw error }
            var elsewhere = replaced
            elsewhere?.spare = nil
            do throws(LogFailure) {
                try attempt(&frame, kind, inPlaceOf: elsewhere)
            } catch let second {
                // Nothing refers to what was tried. Were the next frame to go behind it, a disk that refuses for hours would leave a
                // log that is used up by nothing, without room for the checkpoint that sets it free.
                next = min(next, begin)
                if case .full = second { throw error }
                throw second
            }
        }
    }

    private func attempt(
        _ frame: inout ByteWriter, _ kind: Frame.Kind, inPlaceOf replaced: OpenFrame?
    ) throws(LogFailure) {
        open?.spare = nil
        var transaction = Transaction(log: self, inPlaceOf: replaced)
        let previous = transaction.previous
        try transaction.write(&frame, kind)
        try transaction.commit()
        open = nil
        guard kind == .readings, let start = transaction.first, frame.count <= Frame.block else { return }
        open = OpenFrame(
            items: Array(frame.bytes[Frame.headerBytes..<(frame.count - ReadingsPayload.endBytes)]), previous: previous,
            position: start.position,
            spare: replaced.flatMap { $0.position < start.position ? $0.position : nil })
    }

    /// Several frames that hold together or not at all.
    func begin() -> Transaction {
        open = nil
        return Transaction(log: self, inPlaceOf: nil)
    }

    /// Frames that are written, but hold only when `commit()` has returned.
    struct Transaction {
        private let log: RingLog
        /// The last frame that holds, if those written so far do.
        private(set) var previous: UInt64
        private var end: UInt64
        /// A block that is free, for a frame of one block.
        private var spare: UInt64?
        /// The first one that was written.
        private(set) var first: Start?

        fileprivate init(log: RingLog, inPlaceOf replaced: OpenFrame?) {
            self.log = log
            previous = replaced?.previous ?? log.previous
            end = log.durableEnd
            spare = replaced?.spare
        }

        /// The sequence that the next frame will have.
        var nextSequence: UInt64 { log.sequence }

        mutating func write(_ frame: inout ByteWriter, _ kind: Frame.Kind) throws(LogFailure) {
            let payload = frame.count - Frame.headerBytes
            let bytes = Frame.bytes(payload: payload)
            let position: UInt64
            if let spare {
                position = spare
            } else if let free = log.place(bytes, from: log.next) {
                position = free
            } else if first == nil, let free = log.place(bytes, from: log.durableEnd) {
                // Only attempts that failed lie between: their room is free again.
                position = free
            } else {
                log.next = log.durableEnd
                throw .full
            }
            let sequence = log.sequence
            log.sequence += 1
            // Behind a block that was free already may be the one frame that holds.
            if spare == nil { log.next = position + bytes }
            spare = nil
            Frame.finish(
                &frame, payloadBytes: payload, store: log.store, sequence: sequence, previous: previous,
                base: log.base, first: log.start.sequence, kind: kind)
            do throws(FileError) {
                try log.file.write(frame.bytes, at: position % log.capacity)
            } catch {
                frame.truncate(to: Frame.headerBytes + payload)
                throw .file(error)
            }
            frame.truncate(to: Frame.headerBytes + payload)
            log.bytesWritten += bytes
            previous = sequence
            end = position + bytes
            if first == nil { first = Start(sequence: sequence, position: position) }
        }

        /// Makes durable what was written so far, without making it hold.
        func sync() throws(LogFailure) {
            do throws(FileError) {
                let start = MonotonicClock.nanoseconds()
                try log.file.sync()
                log.lastSyncNanoseconds = MonotonicClock.nanoseconds() &- start
                log.syncs += 1
            } catch {
                throw .file(error)
            }
        }

        /// Syncs; from here on the frames hold.
        func commit() throws(LogFailure) {
            try sync()
            log.previous = previous
            log.durableEnd = end
            log.next = end
        }
    }

    /// Where `bytes` in one piece find room from `position` on; nil if they do not.
    private func place(_ bytes: UInt64, from position: UInt64) -> UInt64? {
        var position = position
        let inFile = position % capacity
        if inFile + bytes > capacity { position += capacity - inFile }
        return position + bytes <= start.position + capacity ? position : nil
    }

    /// Makes the checkpoint `sequence`, which needs the frames from `start` on, the one in force: what lies before is free.
    func release(before start: Start, checkpoint sequence: UInt64) {
        self.start = start
        base = sequence
    }
}
