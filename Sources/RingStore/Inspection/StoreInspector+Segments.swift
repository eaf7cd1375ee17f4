import Readings

extension StoreInspector {
    mutating func lookAtSegments(
        _ checkpoint: CheckpointPayload?, _ progress: (Int, Int) -> Void
    ) throws(InspectionError) {
        let held = try heldSegments(checkpoint)
        for (index, entry) in held.enumerated() {
            progress(index, held.count)
            let before = inspection.damage.count
            lookAt(entry)
            guard inspection.damage.count > before, try !isHeldNow(entry) else { continue }
            // The ring has turned over it while it was read.
            inspection.damage.removeSubrange(before...)
            inspection.segments.removeAll { $0.sequence == entry.sequence }
        }
        progress(held.count, held.count)
    }

    private func headers(of slot: UInt32) -> (first: SegmentEntry?, last: SegmentEntry?) {
        let start = UInt64(slot) * UInt64(superblock.geometry.segmentBytes)
        func header(_ place: UInt64) -> SegmentEntry? {
            guard let bytes = try? files.pool.bytes(SegmentEntry.headerBytes, at: start + place) else { return nil }
            return SegmentEntry(
                bytes, slot: slot, store: superblock.store, segmentBytes: superblock.geometry.segmentBytes)
        }
        return (header(0), header(UInt64(superblock.geometry.segmentBytes) - UInt64(SegmentEntry.headerBytes)))
    }

    /// The segments that count, by sequence. Those that the checkpoint counts on and no slot holds are reported.
    private mutating func heldSegments(_ checkpoint: CheckpointPayload?) throws(InspectionError) -> [SegmentEntry] {
        var checkpoint = checkpoint
        while true {
            let held = (0..<superblock.geometry.segmentCount).compactMap { slot -> SegmentEntry? in
                let copies = headers(of: slot)
                guard let entry = copies.first ?? copies.last, StoreInspector.counts(entry, checkpoint) else {
                    return nil
                }
                return entry
            }.sorted { $0.sequence < $1.sequence }
            var missing: [(SegmentEntry.Content, Int)] = []
            for content in SegmentEntry.Content.allCases {
                let wanted = Int(checkpoint?[content]?.count ?? 0)
                let found = held.count { $0.content == content }
                if found < wanted { missing.append((content, wanted - found)) }
            }
            guard !missing.isEmpty else { return held }
            // Only if the same checkpoint is still in force is anything missing.
            let now = try settledLog().chain.checkpoint
            if now?.previous == checkpoint?.previous {
                let slots = slotsWithoutHeader
                let place = UInt64(slots.first ?? 0) * UInt64(superblock.geometry.segmentBytes)
                for (content, count) in missing {
                    note(
                        StoreFiles.Name.pool, place,
                        "\(count) \(count == 1 ? "segment" : "segments") (\(content.name)) \(count == 1 ? "has" : "have") no whole "
                            + "header; what was held is lost; no header is readable in slots \(slots)")
                }
                return held
            }
            checkpoint = now
        }
    }

    /// Slots in which something was written and neither header is whole.
    private var slotsWithoutHeader: [UInt32] {
        (0..<superblock.geometry.segmentCount).filter { slot in
            let copies = headers(of: slot)
            guard copies.first == nil, copies.last == nil else { return false }
            let start = UInt64(slot) * UInt64(superblock.geometry.segmentBytes)
            let bytes = try? files.pool.bytes(4096, at: start)
            return bytes?.contains { $0 != 0 } ?? true
        }
    }

    private mutating func lookAt(_ entry: SegmentEntry) {
        let start = UInt64(entry.slot) * UInt64(superblock.geometry.segmentBytes)
        let copies = headers(of: entry.slot)
        for (copy, place) in [
            (copies.first, start), (copies.last, start + UInt64(superblock.geometry.segmentBytes) - 128),
        ] where copy?.sequence != entry.sequence {
            note(
                StoreFiles.Name.pool, place,
                "a header of segment \(entry.sequence) is damaged; the other suffices")
        }
        inspection.segments.append(
            StoreInspection.Segment(
                sequence: entry.sequence, slot: entry.slot, content: entry.content.name,
                first: Timestamp(milliseconds: entry.firstTime), last: Timestamp(milliseconds: entry.lastTime),
                chunks: Int(entry.chunks), samples: entry.samples,
                bytesUsed: UInt64(entry.indexOffset) + UInt64(entry.chunks) * UInt64(SegmentIndex.entryBytes)
                    + UInt64(SegmentEntry.headerBytes)))
        if verifies { readAll(of: entry, at: start) }
    }

    /// How many columns rows of `key` have; nil if the catalogue does not know them.
    private func columns(of key: GroupKey, in content: SegmentEntry.Content) -> Int? {
        columns(of: key).map { content == .raw ? $0.count : TierChunk.columns }
    }

    private var catalogueIsWhole: Bool { !inspection.damage.contains { $0.file == StoreFiles.Name.catalogue } }

    private mutating func readAll(of entry: SegmentEntry, at start: UInt64) {
        let indexBytes = Int(entry.chunks) * SegmentIndex.entryBytes
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try files.pool.bytes(Int(entry.indexOffset) + indexBytes, at: start)
        } catch {
            return note(StoreFiles.Name.pool, start, "segment \(entry.sequence) cannot be read: \(error)")
        }
        let decoder = ChunkDecoder()
        bytes.withUnsafeBytes { bytes in
            let index = UnsafeRawBufferPointer(rebasing: bytes[Int(entry.indexOffset)...])
            guard CRC32C.of(index) == entry.indexCRC, let index = SegmentIndex(index, chunkEnd: entry.indexOffset)
            else {
                note(
                    StoreFiles.Name.pool, start + UInt64(entry.indexOffset),
                    "the index of segment \(entry.sequence) does not pass its check; it is made anew from the chunks")
                return
            }
            var samples: UInt64 = 0
            for chunk in index.entries {
                samples += UInt64(check(chunk, of: entry, at: start, bytes, decoder))
            }
            if samples != entry.samples, inspection.damage.last?.file != StoreFiles.Name.pool {
                note(
                    StoreFiles.Name.pool, start,
                    "segment \(entry.sequence) holds \(samples) samples, its header says \(entry.samples)")
            }
        }
    }

    /// Checks one chunk and returns how many samples are in it.
    private mutating func check(
        _ chunk: SegmentIndex.Entry, of entry: SegmentEntry, at start: UInt64, _ bytes: UnsafeRawBufferPointer,
        _ decoder: ChunkDecoder
    ) -> Int {
        let range = Int(chunk.offset)..<(Int(chunk.offset) + Int(chunk.length))
        let content = UnsafeRawBufferPointer(rebasing: bytes[range])
        var what: String?
        var samples = 0
        do throws(DamagedBytes) {
            let header = try Chunk.header(content)
            samples = entry.content == .raw ? header.rows * header.columns : header.rows
            if header.key != chunk.key || header.length != content.count || header.rows != Int(chunk.rows)
                || header.firstTime != chunk.firstTime || header.lastTime != chunk.lastTime
            {
                what = "it is not the chunk that the index names"
            } else if catalogueIsWhole, columns(of: header.key, in: entry.content) != header.columns {
                what = "the catalogue does not know such rows"
            } else {
                what = fault(in: content, header, decoder)
            }
        } catch {
            what = "\(error.what)"
        }
        guard let what else { return samples }
        let from = Timestamp(milliseconds: chunk.firstTime)
        note(
            StoreFiles.Name.pool, start + UInt64(chunk.offset),
            "\(chunk.rows) rows of \(subject(of: chunk.key)) from \(from) to "
                + "\(Timestamp(milliseconds: chunk.lastTime)) in segment \(entry.sequence) are lost: \(what)")
        return samples
    }

    /// Decodes the whole chunk. Returns what is wrong with it; nil if nothing is.
    func fault(in chunk: UnsafeRawBufferPointer, _ header: Chunk.Header, _ decoder: ChunkDecoder) -> String? {
        do throws(DamagedBytes) {
            let times = try decoder.times(chunk, header)
            if zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) { return "its times do not ascend" }
            for column in 0..<header.columns { _ = try decoder.values(chunk, header, column: column) }
        } catch {
            return "\(error.what)"
        }
        return nil
    }
}
