import Readings

extension StoreWriter {
    /// Makes the batch durable: when this returns, every sample that it says is stored survives a power cut, and shows
    /// in the next snapshot.
    ///
    /// Batches of up to about 64 KiB of log cost one sync. A larger one is written in several frames, of which the first
    /// may be durable although a later one fails; appending the same batch again stores nothing twice.
    ///
    /// - Throws: `StoreError.writeFailed` or `.logFull` if the disk refuses: nothing of the batch may be acknowledged. The
    ///   store goes on reading, and the next append tries anew. `.messageTooLarge`, `.closed`.
    public func append(_ batch: Batch) throws(StoreError) -> AppendOutcome {
        guard !isClosed else { throw .closed }
        var outcome = AppendOutcome()
        var message = 0
        repeat {
            message = try fillPortion(batch, from: message, &outcome)
            try writePortion()
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
        _ batch: Batch, from first: Int, _ outcome: inout AppendOutcome
    ) throws(StoreError) -> Int {
        portion.begin()
        while portion.records < pendingRecords.count, portion.payloadBytes < geometry.mostPayload / 2 {
            encodeNextRecord()
        }
        guard portion.records == pendingRecords.count else { return first }
        var message = first
        while message < batch.messageCount {
            let mark = portion.mark
            let before = outcome.counts
            for row in batch.rows(of: message) { encodeRow(batch, row, &outcome) }
            if let identity = batch.messages[message].identity {
                portion.add(identity)
            }
            if portion.payloadBytes > geometry.mostPayload {
                let bytes = portion.payloadBytes - (mark.frame - Frame.headerBytes)
                portion.rollBack(to: mark)
                outcome.counts = before
                guard !portion.isEmpty else { throw .messageTooLarge(bytes: bytes, most: geometry.mostPayload) }
                return message
            }
            message += 1
        }
        return message
    }

    private func encodeNextRecord() {
        portion.add(pendingRecords[portion.records])
    }

    private func encodeRow(_ batch: Batch, _ row: Int, _ outcome: inout AppendOutcome) {
        let time = batch.rows[row].time
        let samples = batch.samples(of: row)
        guard !samples.isEmpty else { return }
        let isInOrder = batch.series.withUnsafeBufferPointer { series in
            batch.values.withUnsafeBufferPointer { values in
                let series = UnsafeBufferPointer(rebasing: series[samples])
                guard portion.isInOrder(series, time: time) else { return false }
                add(series, UnsafeBufferPointer(rebasing: values[samples]), time: time)
                return true
            }
        }
        if isInOrder {
            outcome.stored += samples.count
        } else {
            encodeMixedRow(batch, time, samples, &outcome)
        }
    }

    /// A row of which some samples are late, of unknown series, or not in the order of their series.
    private func encodeMixedRow(_ batch: Batch, _ time: Int64, _ samples: Range<Int>, _ outcome: inout AppendOutcome) {
        var inOrder: [Int] = []
        var others: [Int] = []
        var before: UInt32?
        for index in samples.sorted(by: { (batch.series[$0], $0) < (batch.series[$1], $1) }) {
            let one = batch.series[index]
            guard Int(one) < portion.through.count, state.catalogue.descriptor(one) != nil else {
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
        let present =
            portion.value(of: series, at: time)
            ?? state.value(of: series, at: time, pool: shared.pool, decoder: &chunkDecoder)
        if let present, present.bitPattern == value.bitPattern {
            outcome.duplicates += 1
            outcome.markNotStored(index)
            return
        }
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
        if series.count == 1 { return .single(series[0]) }
        if let shape = shapes.find(series) { return .shape(shape) }
        let number = UInt32(state.catalogue.shapes.count)
        let columns = Array(series)
        guard number < GroupKey.mostNumbers,
            state.catalogue.memoryBytes + Catalogue.memory(ofShapeWith: columns.count) <= shares.index,
            columns.allSatisfy({ (state.catalogue.series[Int($0)]?.shapes.count ?? 0) < ShapeTable.mostOfSeries }),
            enter(.shape(number, columns))
        else { return nil }
        shapes.add(columns, as: number)
        encodeNextRecord()
        return .shape(number)
    }

    /// Makes the frame durable; on failure everything is as before it was made.
    private func writePortion() throws(StoreError) {
        guard !portion.isEmpty else { return }
        do throws(LogFailure) {
            do throws(LogFailure) {
                try log.appendDurably(&portion.frame, .readings)
            } catch .full {
                // Moving the head into a segment, or writing it down in one piece, frees the log.
                maintain()
                try log.appendDurably(&portion.frame, .readings)
            }
            checkpointIsUncertain = false
            state.statistics.writeError = nil
        } catch {
            portion.rollBack()
            let failure = storeError(error)
            if case .file(let error) = error { state.statistics.writeError = error.description }
            publish()
            throw failure
        }
    }

    /// Does to head, tails and identities what the durable frame says.
    private func applyPortion() {
        state.apply(portion, geometry, chunkEncoder, &chunkBuffer)
        for identity in portion.identities { identities.append(identity) }
        unfiledRecords.append(contentsOf: pendingRecords[..<portion.records])
        pendingRecords.removeSubrange(..<portion.records)
    }
}

extension StoreState {
    fileprivate mutating func apply(
        _ portion: borrowing Portion, _ geometry: StoreGeometry, _ encoder: ChunkEncoder, _ buffer: inout ByteWriter
    ) {
        portion.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for row in portion.rows {
                let time = Timestamp(milliseconds: row.time)
                let open: Int
                if row.key.kind == .late {
                    let sample = Sample(time: time, value: values[row.firstValue])
                    open = head.appendLate(row.key.number, sample)
                    tails[Int(row.key.number)].noteLate(sample)
                } else {
                    open = head.append(row.key, columns: row.columns, time: row.time, values: base + row.firstValue)
                    for index in row.firstValue..<(row.firstValue + row.columns) {
                        tails[Int(portion.series[index])] = SeriesTail(
                            through: row.time, last: Sample(time: time, value: values[index]))
                    }
                }
                if open >= geometry.mostRows(columns: row.columns) {
                    head.close(row.key, encoder: encoder, buffer: &buffer)
                }
            }
        }
        statistics.lateSamples += portion.late
    }
}

extension SeriesTail {
    fileprivate mutating func noteLate(_ sample: Sample) {
        if let last, sample.time < last.time { return }
        last = sample
    }
}

extension AppendOutcome {
    fileprivate var counts: (Int, Int, Int, Int) {
        get { (stored, duplicates, tooOld, unknownSeries) }
        set { (stored, duplicates, tooOld, unknownSeries) = newValue }
    }
}
