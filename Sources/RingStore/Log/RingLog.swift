/// Why a frame was not made durable.
enum LogFailure: Error {
    case full
    case file(FileError)
}

/// The writing end of the log: a ring of frames in a file that never changes its size.
///
/// Positions count on and on; the place in the file is the position modulo the file's length, and a frame that would
/// reach beyond the file's end begins at the next multiple. Everything from `tail` on is still needed.
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
    /// Where the checkpoint in force begins.
    private(set) var tail: UInt64

    private(set) var syncs: UInt64 = 0
    private(set) var lastSyncNanoseconds: UInt64 = 0
    private(set) var bytesWritten: UInt64 = 0

    struct Position {
        var sequence: UInt64 = 1
        var previous: UInt64 = 0
        var base: UInt64 = 0
        var next: UInt64 = 0
        var tail: UInt64 = 0
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
        tail = position.tail
    }

    /// Bytes that cannot be written over.
    var used: UInt64 { durableEnd - tail }

    /// Writes the frame (begun with `Frame.begin`) and syncs it.
    ///
    /// A failed attempt is repeated once, elsewhere: after a failed sync the kernel may hold the pages for clean, and only
    /// bytes that are written anew are synced by the next call.
    func appendDurably(_ frame: inout ByteWriter, _ kind: Frame.Kind) throws(LogFailure) {
        do throws(LogFailure) {
            try attempt(&frame, kind)
        } catch {
            guard case .file = error else { throw error }
            do throws(LogFailure) {
                try attempt(&frame, kind)
            } catch .full {
                throw error
            }
        }
    }

    private func attempt(_ frame: inout ByteWriter, _ kind: Frame.Kind) throws(LogFailure) {
        var transaction = begin()
        try transaction.write(&frame, kind)
        try transaction.commit()
    }

    /// Several frames that hold together or not at all.
    func begin() -> Transaction { Transaction(log: self) }

    /// Frames that are written, but hold only when `commit()` has returned.
    struct Transaction {
        private let log: RingLog
        private var previous: UInt64
        private var end: UInt64
        private(set) var firstPosition: UInt64?

        fileprivate init(log: RingLog) {
            self.log = log
            previous = log.previous
            end = log.durableEnd
        }

        /// The sequence that the next frame will have.
        var nextSequence: UInt64 { log.sequence }

        mutating func write(_ frame: inout ByteWriter, _ kind: Frame.Kind) throws(LogFailure) {
            let payload = frame.count - Frame.headerBytes
            let bytes = Frame.bytes(payload: payload)
            let position: UInt64
            if let free = log.place(bytes, from: log.next) {
                position = free
            } else if previous == log.previous, let free = log.place(bytes, from: log.durableEnd) {
                // Only attempts that failed lie between: their room is free again.
                position = free
            } else {
                log.next = log.durableEnd
                throw .full
            }
            let sequence = log.sequence
            log.sequence += 1
            log.next = position + bytes
            Frame.finish(
                &frame, payloadBytes: payload, store: log.store, sequence: sequence, previous: previous,
                base: log.base, kind: kind)
            do throws(FileError) {
                try log.file.write(frame.bytes, at: position % log.capacity)
            } catch {
                frame.truncate(to: Frame.headerBytes + payload)
                throw .file(error)
            }
            frame.truncate(to: Frame.headerBytes + payload)
            log.bytesWritten += bytes
            previous = sequence
            end = log.next
            if firstPosition == nil { firstPosition = position }
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
        }
    }

    /// Where `bytes` in one piece find room from `position` on; nil if they do not.
    private func place(_ bytes: UInt64, from position: UInt64) -> UInt64? {
        var position = position
        let inFile = position % capacity
        if inFile + bytes > capacity { position += capacity - inFile }
        return position + bytes <= tail + capacity ? position : nil
    }

    /// Makes the checkpoint `sequence`, whose frames begin at `position`, the one in force: what lies before is free.
    func release(before position: UInt64, checkpoint sequence: UInt64) {
        tail = position
        base = sequence
    }
}
