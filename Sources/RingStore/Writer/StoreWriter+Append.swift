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
        encoder.begin()
        while portion.records < pendingRecords.count, portion.payloadBytes < geometry.mostPayload / 2 { encodeNextRecord() }
        guard portion.records == pendingRecords.count else { return first }
        var message = first
        while message < batch.messageCount {
            let mark = portion.mark
            let before = outcome.counts
            for row in batch.rows(of: message) { encodeRow(batch, row, &outcome) }
            if let identity = batch.messages[message].identity {
                encoder.append(identity, to: &portion.frame)
                portion.identities.append(identity)
            }
            if portion.payloadBytes > geometry.mostPayload {
                let bytes = portion.payloadBytes - (mark.frame - Frame.headerBytes)
                portion.rollBack(to: mark, &through)
                outcome.counts = before
                guard !portion.isEmpty else { throw .messageTooLarge(bytes: bytes, most: geometry.mostPayload) }
                return message
            }
            message += 1
        }
        return message
    }

    private func encodeNextRecord() {
        encoder.append(pendingRecords[portion.records], to: &portion.frame)
        portion.records += 1
    }

    private func encodeRow(_ batch: Batch, _ row: Int, _ outcome: inout AppendOutcome) {
        let time = batch.rows[row].time
        let samples = batch.samples(of: row)
        guard !samples.isEmpty else { return }
        let inOrder = batch.series.withUnsafeBufferPointer { series in
            through.withUnsafeBufferPointer { through in
                var before = -1
                for index in samples {
                    let one = Int(series[index])
                    guard one > before, one < through.count, time > through[one] else { return false }
                    before = one
                }
                return samples.count <= Chunk.mostColumns
            }
        }
        guard inOrder else { return encodeMixedRow(batch, time, samples, &outcome) }
        batch.series.withUnsafeBufferPointer { series in
            batch.values.withUnsafeBufferPointer { values in
                emit(
                    UnsafeBufferPointer(rebasing: series[samples]), UnsafeBufferPointer(rebasing: values[samples]),
                    time: time)
            }
        }
        outcome.stored += samples.count
    }

    /// A row of which some samples are late, of unknown series, or not in the order of their series.
    private func encodeMixedRow(_ batch: Batch, _ time: Int64, _ samples: Range<Int>, _ outcome: inout AppendOutcome) {
        var inOrder: [Int] = []
        var others: [Int] = []
        var before: UInt32?
        for index in samples.sorted(by: { (batch.series[$0], $0) < (batch.series[$1], $1) }) {
            let one = batch.series[index]
            guard Int(one) < through.count, state.catalogue.descriptor(one) != nil else {
                outcome.unknownSeries += 1
                outcome.markNotStored(index)
                continue
            }
            // The same series twice in a row: the second is a duplicate of the first, or replaces it.
            if time > through[Int(one)], one != before { inOrder.append(index) } else { others.append(index) }
            before = one
        }
        var start = 0
        while start < inOrder.count {
            let part = inOrder[start..<min(start + Chunk.mostColumns, inOrder.count)]
            let series = part.map { batch.series[$0] }
            let values = part.map { batch.values[$0] }
            series.withUnsafeBufferPointer { series in
                values.withUnsafeBufferPointer { values in emit(series, values, time: time) }
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
        guard time >= state.floor else {
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
        let firstValue = portion.values.count
        encoder.beginRow(.late(series), time: time, to: &portion.frame)
        encoder.append(value, series: series, to: &portion.frame)
        portion.addValue(value, of: series)
        portion.addRow(.late(series), time: time, firstValue: firstValue)
        portion.late += 1
        outcome.stored += 1
    }

    /// Adds samples that are in order, at most `Chunk.mostColumns` of them, by ascending series.
    private func emit(_ series: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Double>, time: Int64) {
        guard let key = key(of: series) else {
            for index in series.indices {
                emit(
                    UnsafeBufferPointer(rebasing: series[index...index]),
                    UnsafeBufferPointer(rebasing: values[index...index]), time: time)
            }
            return
        }
        let firstValue = portion.values.count
        encoder.beginRow(key, time: time, to: &portion.frame)
        for index in series.indices {
            let one = series[index]
            encoder.append(values[index], series: one, to: &portion.frame)
            portion.addValue(values[index], of: one)
            portion.moved.append((one, through[Int(one)]))
            through[Int(one)] = time
        }
        portion.addRow(key, time: time, firstValue: firstValue)
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
            portion.rollBack(
                to: Portion.Mark(frame: Frame.headerBytes, rows: 0, values: 0, identities: 0, records: 0, moved: 0, late: 0),
                &through)
            let failure = storeError(error)
            if case .file(let error) = error { state.statistics.writeError = error.description }
            publish()
            throw failure
        }
    }

    /// Does to head and tails what the durable frame says.
    private func applyPortion() {
        portion.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for row in portion.rows {
                if row.key.kind == .late {
                    applyLate(row.key.number, Sample(time: Timestamp(milliseconds: row.time), value: values[row.firstValue]))
                    continue
                }
                let rows = state.head.append(
                    row.key, columns: row.columns, time: row.time, values: base + row.firstValue)
                for index in row.firstValue..<(row.firstValue + row.columns) {
                    state.tails[Int(portion.series[index])] = SeriesTail(
                        through: row.time,
                        last: Sample(time: Timestamp(milliseconds: row.time), value: values[index]))
                }
                if rows >= geometry.mostRows(columns: row.columns) { close(row.key) }
            }
        }
        for identity in portion.identities { identities.append(identity) }
        unfiledRecords.append(contentsOf: pendingRecords[..<portion.records])
        pendingRecords.removeSubrange(..<portion.records)
        state.statistics.lateSamples += portion.late
    }

    private func applyLate(_ series: UInt32, _ sample: Sample) {
        let open = state.head.appendLate(series, sample)
        if state.tails[Int(series)].last.map({ sample.time >= $0.time }) ?? true {
            state.tails[Int(series)].last = sample
        }
        if open >= geometry.mostRows(columns: 1) { close(.late(series)) }
    }
}

extension AppendOutcome {
    fileprivate var counts: (Int, Int, Int, Int) {
        get { (stored, duplicates, tooOld, unknownSeries) }
        set { (stored, duplicates, tooOld, unknownSeries) = newValue }
    }
}
