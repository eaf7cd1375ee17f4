import Readings

extension StoreWriter {
    /// Makes the batch durable: when this returns, every sample that it says is stored survives a power cut, and shows
    /// in the next snapshot.
    ///
    /// Batches of up to about 64 KiB of log cost one sync. A larger one is written in several frames, of which the first
    /// may be durable although a later one fails; appending the same batch again stores nothing twice.
    ///
    /// - Parameter lateWatch: who is told which samples came behind newer ones.
    /// - Throws: `StoreError.writeFailed` or `.logFull` if the disk refuses: nothing of the batch may be acknowledged. The
    ///   store goes on reading, and the next append tries anew. `.messageTooLarge`, `.closed`.
    public func append(_ batch: Batch, noting lateWatch: LateWatch? = nil) throws(StoreError) -> AppendOutcome {
        guard !isClosed else { throw .closed }
        self.lateWatch = lateWatch
        defer { self.lateWatch = nil }
        var outcome = AppendOutcome()
        var message = 0
        repeat {
            let first = message
            let counts = outcome.counts
            message = try fillPortion(batch, from: first, &outcome)
            guard try writePortion() else {
                (message, outcome.counts) = (first, counts)
                continue
            }
            if !portion.notes.isEmpty { tellLate(lateWatch) }
            applyPortion()
            maintain()
        } while message < batch.messageCount || !pendingRecords.isEmpty
        state.statistics.duplicates += UInt64(outcome.duplicates)
        state.statistics.refusedTooOld += UInt64(outcome.tooOld)
        state.statistics.refusedUnknownSeries += UInt64(outcome.unknownSeries)
        publish()
        return outcome
    }

    /// Encodes pending registrations and as many messages from `first` on as fit. Returns the first that did not.
    private func fillPortion(
        _ batch: Batch, from first: Int, most: Int = .max, _ outcome: inout AppendOutcome
    ) throws(StoreError) -> Int {
        let atStart = outcome.counts
        lateBudget.begin(state, slots: shared.pool.slots)
        let frozenThrough = max(state.frozenThrough, lateBudget.through)
        portion.begin()
        while portion.records < pendingRecords.count, portion.payloadBytes < geometry.mostPayload / 2 {
            encodeNextRecord()
        }
        var cursor = Portion.Cursor(message: first)
        if portion.records == pendingRecords.count {
            let end = first + min(most, batch.messageCount - first)
            while case .odd = portion.addPlainRows(
                of: batch, at: &cursor, from: first, to: end, mostBytes: geometry.mostPayload, shapes: &shapes,
                catalogue: state.catalogue, &outcome), let row = cursor.row
            {
                lateStart = cursor.mark
                if !encodeLateRow(batch, row, after: frozenThrough, &outcome) {
                    encodeMixedRow(batch, batch.rows[row].time, batch.samples(of: row), &outcome)
                }
                cursor.row = row + 1
            }
        }
        let message = cursor.message
        guard !portion.isEmpty else { return message }
        portion.finish()
        // A message is not refused for its notes: the next checkpoint has them.
        if portion.payloadBytes > geometry.mostPayload, message - first == 1, portion.records == 0 {
            portion.leaveOutNotes()
        }
        if portion.payloadBytes <= geometry.mostPayload { return message }
        // It came out larger than expected: half as much at once, or the new records alone.
        let bytes = portion.payloadBytes
        let hasRecords = portion.records > 0
        portion.rollBack(to: .start)
        outcome.counts = atStart
        guard message - first > 1 || hasRecords else {
            throw .messageTooLarge(bytes: bytes, most: geometry.mostPayload)
        }
        return try fillPortion(batch, from: first, most: (message - first) / 2, &outcome)
    }

    private func encodeNextRecord() {
        portion.add(pendingRecords[portion.records], of: state.catalogue)
    }

    /// A row that came late as a whole, to an instant at which none of its series has a sample: what nearly all late ones
    /// are. False if it is none, or if that is not easily seen, as up to `frozenThrough`.
    private func encodeLateRow(
        _ batch: Batch, _ row: Int, after frozenThrough: Int64, _ outcome: inout AppendOutcome
    ) -> Bool {
        let time = batch.rows[row].time
        let samples = batch.samples(of: row)
        return batch.series.span.withUnsafeBufferPointer { series in
            let series = UnsafeBufferPointer(rebasing: series[samples])
            guard time >= state.floor, time > frozenThrough, portion.isLate(series, time: time),
                lateRowLookup.isFree(
                    time, of: series, in: state, portion, sealed: segmentTotals, shared.pool),
                let group = key(of: series)
            else { return false }
            let key: GroupKey = group.kind == .shape ? .lateRows(group.number) : .late(series[0])
            for (index, one) in zip(samples, series) {
                noteIfBehind(one, time, index: index, before: nil, isNew: true, &outcome)
            }
            batch.values.span.withUnsafeBufferPointer { values in
                portion.addLate(key, time: time, series, UnsafeBufferPointer(rebasing: values[samples]))
            }
            outcome.stored += series.count
            return true
        }
    }

    /// A row of a new shape, or of which some samples are late, of unknown series, or not in the order of their series.
    private func encodeMixedRow(_ batch: Batch, _ time: Int64, _ samples: Range<Int>, _ outcome: inout AppendOutcome) {
        var inOrder: [Int] = []
        var others: [Int] = []
        var before: UInt32?
        for index in samples.sorted(by: { (batch.series[$0], $0) < (batch.series[$1], $1) }) {
            let one = batch.series[index]
            guard Int(one) < portion.through.count, state.catalogue.isKnown(one) else {
                outcome.unknownSeries += 1
                outcome.markNotStored(index)
                continue
            }
            // The same series twice in a row: the second is a duplicate of the first, or replaces it.
            if time > portion.through[Int(one)], one != before { inOrder.append(index) } else { others.append(index) }
            before = one
        }
        var start = 0
        while start < inOrder.count {
            let part = inOrder[start..<min(start + Chunk.mostColumns, inOrder.count)]
            let series = part.map { batch.series[$0] }
            let values = part.map { batch.values[$0] }
            series.withUnsafeBufferPointer { series in
                values.withUnsafeBufferPointer { values in add(series, values, time: time) }
            }
            start += part.count
        }
        outcome.stored += inOrder.count
        for index in others { encodeLate(batch.series[index], time, batch.values[index], index, &outcome) }
    }

    /// A sample that is not later than all of its series: a duplicate, a correction, or one that was missing.
    private func encodeLate(
        _ series: UInt32, _ time: Int64, _ value: Double, _ index: Int, _ outcome: inout AppendOutcome
    ) {
        guard time >= state.floor,
            !state.isFrozen(series, at: time, pool: shared.pool, decoder: tierTools.decoder)
        else {
            outcome.tooOld += 1
            outcome.markNotStored(index)
            return
        }
        let through = state.tails[Int(series)].through
        let sealedEnd = segmentTotals.lastTime
        let present =
            portion.value(of: series, at: time, through: through, in: state.catalogue)
            ?? state.knownValue(
                of: series, at: time, sealedEnd: sealedEnd, pool: shared.pool, decoder: &chunkDecoder)
        if let present, present.bitPattern == value.bitPattern {
            noteIfBehind(series, time, index: index, before: present, isNew: false, &outcome)
            outcome.duplicates += 1
            outcome.markNotStored(index)
            return
        }
        guard
            time > lateBudget.through
                || lateBudget.take(state, portion.late, most: mostAmendmentBytes, shared.pool, tierTools)
        else {
            outcome.tooOld += 1
            outcome.markNotStored(index)
            return
        }
        noteIfBehind(series, time, index: index, before: present, isNew: true, &outcome)
        portion.addLate(series, time: time, value)
        outcome.stored += 1
    }

    /// Adds samples that are in order, at most `Chunk.mostColumns` of them, by ascending series.
    private func add(_ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>, time: Int64) {
        if let key = key(of: series) { return portion.addRow(key, time: time, series, values) }
        for index in series.indices {
            portion.addRow(
                .single(series[index]), time: time, UnsafeBufferPointer(rebasing: series[index...index]),
                UnsafeBufferPointer(rebasing: values[index...index]))
        }
    }

    /// The group of a row; nil if its samples must be stored one by one.
    private func key(of series: UnsafeBufferPointer<UInt32>) -> GroupKey? {
        if let key = shapes.key(of: series, in: state.catalogue) { return key }
        let number = UInt32(state.catalogue.shapes.count)
        let columns = Array(series)
        guard number < GroupKey.mostNumbers,
            columns.allSatisfy({ state.catalogue.shapeCount(of: $0) < ShapeTable.mostOfSeries }),
            enter(
                .shape(number, columns), bytes: CatalogueRecord.mostBytes(ofShapeWith: columns.count),
                memory: state.catalogue.growthBytesOfShape)
        else { return nil }
        encodeNextRecord()
        return .shape(number)
    }

    /// Makes the frame durable; on failure everything is as before it was made. False if it must be made anew: to find room for it,
    /// segments had to give way, and what was late may be too late now.
    private func writePortion() throws(StoreError) -> Bool {
        guard !portion.isEmpty else { return true }
        do throws(LogFailure) {
            do throws(LogFailure) {
                guard hasRoomForPortion else { throw .full }
                try log.appendReadings(&portion.frame)
            } catch .full {
                // Moving the head into a segment, or writing it down in one piece, frees the log.
                let evicted = state.statistics.evictedSegments
                maintain()
                guard hasRoomForPortion else { throw .full }
                if state.statistics.evictedSegments != evicted {
                    portion.rollBack(to: .start)
                    return false
                }
                try log.appendReadings(&portion.frame)
            }
            checkpointIsUncertain = false
            state.statistics.writeError = nil
            return true
        } catch {
            portion.rollBack(to: .start)
            let failure = storeError(error)
            if case .file(let error) = error { state.statistics.writeError = error.description }
            publish()
            throw failure
        }
    }

    /// Remembers that the frame's late samples are late, and tells of it.
    private func tellLate(_ lateWatch: LateWatch?) {
        forgetKeptNotes()
        state.late.add(portion.notes, most: geometry.mostLateNotes)
        lateWatch?.tell(portion.notes, state.late.through)
    }

    /// Does to head, tails and identities what the durable frame says.
    private func applyPortion() {
        state.apply(portion, geometry, chunkEncoder, &chunkBuffer)
        for identity in portion.identities { identities.append(identity) }
        unfiledRecords.append(contentsOf: pendingRecords[..<portion.records])
        pendingRecords.removeSubrange(..<portion.records)
        if pendingRecords.isEmpty { pendingRecords = [] }
    }
}

extension StoreState {
    fileprivate mutating func apply(
        _ portion: borrowing Portion, _ geometry: StoreGeometry, _ encoder: ChunkEncoder, _ buffer: inout ByteWriter
    ) {
        let rows = portion.rows.elements
        let values = portion.values.elements
        guard let base = values.baseAddress else { return }
        for group in portion.groups.elements {
            let mostRows = geometry.mostRows(columns: Int(group.columns))
            var next = Int(group.firstRow)
            while next >= 0 {
                let open = head.append(group.key, columns: Int(group.columns), upTo: mostRows) {
                    guard next >= 0 else { return nil }
                    defer { next = Int(rows[next].next) }
                    return (rows[next].time, base + Int(rows[next].firstValue))
                }
                if open >= mostRows { head.close(group.key, encoder: encoder, buffer: &buffer) }
            }
            if !group.key.isLate { noteTails(of: group, portion) }
        }
        // After the others: one at the newest instant of all counts more than what was there in order.
        if portion.late > 0 {
            for row in rows where row.key.isLate {
                let time = Timestamp(milliseconds: row.time)
                for index in Int(row.firstValue)..<Int(row.firstValue + row.columns) {
                    let series = Int(portion.series[index])
                    // Mostly there is a later one. Looked at first, since changing a tail may copy a page of them.
                    if let last = tails[series].last, time < last.time { continue }
                    tails[series].last = Sample(time: time, value: values[index])
                }
            }
        }
        statistics.lateSamples += portion.late
    }

    /// The newest row of a group is that of its series, unless they are in other groups too.
    private mutating func noteTails(of group: Portion.Group, _ portion: borrowing Portion) {
        let last = portion.rows[Int(group.lastRow)]
        let time = Timestamp(milliseconds: last.time)
        for index in Int(last.firstValue)..<Int(last.firstValue + last.columns) {
            let series = Int(portion.series[index])
            guard portion.through[series] == last.time else { continue }
            tails[series] = SeriesTail(through: last.time, last: Sample(time: time, value: portion.values[index]))
        }
    }
}

extension AppendOutcome {
    /// Stored, duplicates, too old, of unknown series.
    var counts: (Int, Int, Int, Int) {
        get { (stored, duplicates, tooOld, unknownSeries) }
        set { (stored, duplicates, tooOld, unknownSeries) = newValue }
    }
}
