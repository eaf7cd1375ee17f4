import Glibc
import Readings

/// The catalogue on disk: pages of records that are only ever added to, in two copies.
///
/// The last page is written again as it fills, the first copy before the second with a sync between, so that one of the
/// two is whole at any instant.
final class CatalogueFile {
    private let file: any StorageFile
    private let store: UInt64
    private let pages: UInt32
    /// Where the next record goes.
    private struct Place {
        var page: UInt32 = 0
        var used = 0
        /// The series of the last record in the page.
        var previous: UInt32?
    }

    /// Behind what is durable.
    private var end = Place()
    /// The records of the page that is being filled.
    private var tail = ByteWriter(capacity: CataloguePage.size)
    /// Behind the records that will be written next.
    private var planned = Place()
    private var scratch = ByteWriter(capacity: CataloguePage.size)
    private var image = ByteWriter(capacity: CataloguePage.size)
    private(set) var bytesWritten: UInt64 = 0
    /// Pages of which both copies were damaged when they were read.
    private(set) var lostPages = 0
    /// Pages of which one copy was damaged; they were written anew from the other.
    private(set) var mendedPages = 0

    init(file: any StorageFile, store: UInt64, bytesPerCopy: UInt64) {
        self.file = file
        self.store = store
        pages = UInt32(clamping: bytesPerCopy / UInt64(CataloguePage.size))
    }

    /// Whether a record of `bytes` finds room behind those that are planned.
    func hasRoom(for bytes: Int) -> Bool {
        planned.used + bytes <= CataloguePage.room || planned.page + 1 < pages
    }

    /// Takes the record of `change` into account, which will be written with the next ones.
    func plan(_ change: CatalogueChange, of catalogue: Catalogue) {
        scratch.removeAll()
        let before = planned.page
        put(change, of: catalogue, at: &planned, into: &scratch)
        planned.used = planned.page == before ? planned.used + scratch.count : scratch.count
    }

    /// Begins the plan anew, behind what is durable.
    func planAnew(_ changes: [CatalogueChange], of catalogue: Catalogue) {
        planned = end
        for change in changes { plan(change, of: catalogue) }
    }

    /// Appends the record of `change` to `out`; moves `place` to the next page, where a record refers to none before, if this
    /// one is full.
    private func put(
        _ change: CatalogueChange, of catalogue: Catalogue, at place: inout Place, into out: inout ByteWriter
    ) {
        let start = out.count
        catalogue.append(change, previous: &place.previous, to: &out)
        guard place.used + out.count - start > CataloguePage.room else { return }
        out.truncate(to: start)
        place = Place(page: place.page + 1)
        catalogue.append(change, previous: &place.previous, to: &out)
    }

    /// Reads all records, page by page from whichever copy is whole, and writes a damaged copy anew from the other one.
    func load(_ take: (CatalogueRecord) -> Void) throws(FileError) {
        var number: UInt32 = 0
        var last: (number: UInt32, records: [UInt8])?
        var lost: [UInt32] = []
        var uneven: [(number: UInt32, isDamaged: Bool, records: [UInt8])] = []
        while number < pages {
            let first = content(number, copy: 0)
            let second = content(number, copy: 1)
            let records: [UInt8]
            switch (first, second) {
            case (.records(let a), .records(let b)):
                records = a.count >= b.count ? a : b
                if a.count != b.count { uneven.append((number, false, records)) }
            case (.records(let whole), let other), (let other, .records(let whole)):
                records = whole
                if case .damaged = other {
                    uneven.append((number, true, records))
                } else {
                    uneven.append((number, false, records))
                }
            case (.blank, .blank):
                number = pages
                continue
            default:
                // A page whose copies are both damaged; pages behind it may be whole.
                lost.append(number)
                number += 1
                continue
            }
            decode(records, take)
            last = (number, records)
            number += 1
        }
        // What is damaged behind the last whole page was never finished, and nothing refers to it; if it was finished,
        // the counts in the checkpoint show that series are missing.
        let lastPage = last?.number ?? 0
        lostPages = lost.count { $0 < lastPage }
        // The last page may be half written without any damage: a crash between its two copies.
        mendedPages = uneven.count { $0.isDamaged && $0.number < lastPage }
        try even(uneven.map { ($0.number, $0.records) })
        if let last {
            // What follows refers to nothing that was there before.
            end = Place(page: last.number, used: last.records.count)
            planned = end
            tail.removeAll()
            tail.append(last.records)
        }
    }

    /// Writes both copies of pages of which they differ.
    ///
    /// Both, because the whole one may be in the kernel's memory only, if a process was killed before its sync or after one
    /// that failed. The first before the second, as always: if the first was durable, it is written over with the bytes
    /// that it has.
    private func even(_ pages: [(number: UInt32, records: [UInt8])]) throws(FileError) {
        guard !pages.isEmpty else { return }
        var whole = ByteWriter(capacity: CataloguePage.size)
        for copy in 0..<UInt32(2) {
            for page in pages {
                whole.removeAll()
                whole.append(page.records)
                try write(whole.bytes, number: page.number, copy: copy)
            }
            try file.sync()
        }
    }

    private func write(_ records: UnsafeRawBufferPointer, number: UInt32, copy: UInt32) throws(FileError) {
        guard number < pages else {
            throw FileError(operation: "catalogue page \(number + 1) of \(pages)", path: "catalogue", code: ENOSPC)
        }
        CataloguePage.make(records, number: number, store: store, in: &image)
        try file.write(image.bytes, at: offset(number, copy: copy))
        bytesWritten += UInt64(CataloguePage.size)
    }

    private func content(_ number: UInt32, copy: UInt32) -> CataloguePage.Content {
        guard let bytes = try? file.bytes(CataloguePage.size, at: offset(number, copy: copy)) else { return .damaged }
        return CataloguePage.content(bytes, number: number, store: store)
    }

    private func decode(_ records: [UInt8], _ take: (CatalogueRecord) -> Void) {
        records.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var previous: [Label] = []
            while reader.remaining > 0, let record = try? CatalogueRecord(&reader, previous: &previous) { take(record) }
        }
    }

    /// Writes the records of `changes` behind what is there, and makes them durable in both copies.
    ///
    /// What fails leaves this object as it was: the same records can be written again. One page is in memory at a time, as
    /// there may be a million records.
    func append(_ changes: [CatalogueChange], of catalogue: Catalogue) throws(FileError) {
        guard !changes.isEmpty else { return }
        var place = end
        var records = ByteWriter(capacity: CataloguePage.size)
        for copy in 0..<UInt32(2) {
            place = end
            records.removeAll()
            records.append(tail.bytes)
            for change in changes {
                let page = place.page
                scratch.removeAll()
                put(change, of: catalogue, at: &place, into: &scratch)
                if place.page != page {
                    try write(records.bytes, number: page, copy: copy)
                    records.removeAll()
                }
                records.append(scratch.bytes)
                place.used = records.count
            }
            try write(records.bytes, number: place.page, copy: copy)
            try file.sync()
        }
        end = place
        tail.removeAll()
        tail.append(records.bytes)
    }

    private func offset(_ number: UInt32, copy: UInt32) -> UInt64 {
        (UInt64(copy) * UInt64(pages) + UInt64(number)) * UInt64(CataloguePage.size)
    }
}
