import Glibc

/// The catalogue on disk: pages of records that are only ever added to, in two copies.
///
/// The last page is written again as it fills, the first copy before the second with a sync between, so that one of the
/// two is whole at any instant.
final class CatalogueFile {
    private let file: any StorageFile
    private let store: UInt64
    private let pages: UInt32
    /// The page that is being filled.
    private var page: UInt32 = 0
    private var tail = ByteWriter(capacity: CataloguePage.size)
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

    /// Whether records of `bytes` in all find room behind what is there, however they divide into pages.
    func hasRoom(for bytes: Int) -> Bool {
        if tail.count + bytes <= CataloguePage.room { return true }
        // A record goes onto a new page where it does not fit: of two neighbouring pages more than one's room is filled.
        return tail.count + bytes <= (Int(pages) - Int(page) - 1) * CataloguePage.room / 2
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
        let end = last?.number ?? 0
        lostPages = lost.count { $0 < end }
        // The last page may be half written without any damage: a crash between its two copies.
        mendedPages = uneven.count { $0.isDamaged && $0.number < end }
        try even(uneven.map { ($0.number, $0.records) })
        if let last {
            page = last.number
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
            while reader.remaining > 0, let record = try? CatalogueRecord(&reader) { take(record) }
        }
    }

    /// Writes the records of `changes` behind what is there, and makes them durable in both copies.
    ///
    /// What fails leaves this object as it was: the same records can be written again. One page is in memory at a time, as
    /// there may be a million records.
    func append(_ changes: [CatalogueChange], of catalogue: Catalogue) throws(FileError) {
        guard !changes.isEmpty else { return }
        var number = page
        var records = ByteWriter(capacity: CataloguePage.size)
        for copy in 0..<UInt32(2) {
            number = page
            records.removeAll()
            records.append(tail.bytes)
            for change in changes {
                let before = records.count
                catalogue.append(change, to: &records)
                guard records.count > CataloguePage.room else { continue }
                let one = [UInt8](records.bytes[before...])
                records.truncate(to: before)
                try write(records.bytes, number: number, copy: copy)
                number += 1
                records.removeAll()
                records.append(one)
            }
            try write(records.bytes, number: number, copy: copy)
            try file.sync()
        }
        page = number
        tail.removeAll()
        tail.append(records.bytes)
    }

    private func offset(_ number: UInt32, copy: UInt32) -> UInt64 {
        (UInt64(copy) * UInt64(pages) + UInt64(number)) * UInt64(CataloguePage.size)
    }
}
