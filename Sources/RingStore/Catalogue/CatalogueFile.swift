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
        var halves: [(number: UInt32, copy: UInt32, records: [UInt8])] = []
        while number < pages {
            let first = content(number, copy: 0)
            let second = content(number, copy: 1)
            let records: [UInt8]
            switch (first, second) {
            case (.records(let a), .records(let b)):
                // A crash between the two writes leaves the first copy longer; one after a failed sync may leave either.
                records = a.count >= b.count ? a : b
            case (.records(let a), _):
                records = a
                halves.append((number, 1, a))
            case (_, .records(let b)):
                records = b
                halves.append((number, 0, b))
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
        mendedPages = halves.count { $0.number < end }
        for half in halves { try write(half.records, number: half.number, copy: half.copy) }
        if !halves.isEmpty { try file.sync() }
        if let last {
            page = last.number
            tail.removeAll()
            tail.append(last.records)
        }
    }

    /// Writes the last pages again, as many as hold `bytes` of records.
    ///
    /// What is read after a crash of the process may never have reached the disk, and a sync alone would not bring it
    /// there if one had failed before.
    func rewriteTail(holding bytes: Int) throws(FileError) {
        guard bytes > 0 else { return }
        let first = page - min(page, UInt32(clamping: 2 * bytes / CataloguePage.room + 1))
        for copy in 0..<UInt32(2) {
            for number in first...page {
                guard case .records(let records) = content(number, copy: copy) else { continue }
                try write(records, number: number, copy: copy)
            }
            try file.sync()
        }
    }

    private func write(_ records: [UInt8], number: UInt32, copy: UInt32) throws(FileError) {
        records.withUnsafeBytes { CataloguePage.make($0, number: number, store: store, in: &image) }
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

    /// Writes `records` behind what is there, and makes them durable in both copies.
    ///
    /// What fails leaves this object as it was: the same records can be written again.
    func append(_ records: [CatalogueRecord]) throws(FileError) {
        guard !records.isEmpty else { return }
        let first = page
        var filled: [[UInt8]] = [[UInt8](tail.bytes)]
        var one = ByteWriter(capacity: 256)
        for record in records {
            one.removeAll()
            record.append(to: &one)
            if filled[filled.count - 1].count + one.count > CataloguePage.room { filled.append([]) }
            filled[filled.count - 1].append(contentsOf: one.bytes)
        }
        guard Int(first) + filled.count <= Int(pages) else {
            throw FileError(
                operation: "catalogue page \(Int(first) + filled.count) of \(pages)", path: "catalogue", code: 28)
        }
        for copy in 0..<UInt32(2) {
            for (index, records) in filled.enumerated() {
                try write(records, number: first + UInt32(index), copy: copy)
            }
            try file.sync()
        }
        page = first + UInt32(filled.count - 1)
        tail.removeAll()
        tail.append(filled[filled.count - 1])
    }

    private func offset(_ number: UInt32, copy: UInt32) -> UInt64 {
        (UInt64(copy) * UInt64(pages) + UInt64(number)) * UInt64(CataloguePage.size)
    }
}
