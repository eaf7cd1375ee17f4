import Readings

extension StoreInspector {
    /// A page that is just being written looks damaged for a moment.
    private static let mostReads = 5

    mutating func lookAtCatalogue() {
        let pages = UInt32(superblock.geometry.catalogueBytes / UInt64(CataloguePage.size))
        inspection.catalogue.bytes = 2 * superblock.geometry.catalogueBytes
        inspection.catalogue.pages = Int(pages)
        var damaged: [(page: UInt32, copy: UInt32)] = []
        for number in 0..<pages {
            let copies = (0..<UInt32(2)).map { content(of: number, copy: $0) }
            var records: [UInt8]?
            for (copy, content) in copies.enumerated() {
                switch content {
                case .blank: break
                case .damaged: damaged.append((number, UInt32(copy)))
                case .records(let found): if found.count >= records?.count ?? 0 { records = found }
                }
            }
            if let records {
                inspection.catalogue.pagesUsed = Int(number) + 1
                take(records, page: number)
            } else if copies.allSatisfy({ if case .blank = $0 { true } else { false } }) {
                break
            }
        }
        for (page, copy) in damaged {
            // Behind the last whole page lies what was never finished, and nothing refers to it.
            guard page < inspection.catalogue.pagesUsed else { continue }
            let isAlone = damaged.count { $0.page == page } == 1
            // The last page is written copy after copy: a crash in between leaves one torn, and the other whole.
            if isAlone, page == inspection.catalogue.pagesUsed - 1 { continue }
            note(
                StoreFiles.Name.catalogue, offset(of: page, copy: copy),
                isAlone
                    ? "page \(page) is damaged; its other copy is whole, and the next start mends it"
                    : "both copies of page \(page) are damaged; the labels in it are lost, and with them their readings"
            )
        }
        inspection.catalogue.series = knownSeries.count
        inspection.catalogue.shapes = shapes.count
    }

    private func content(of page: UInt32, copy: UInt32) -> CataloguePage.Content {
        for _ in 0..<StoreInspector.mostReads {
            guard let bytes = try? files.catalogue.bytes(CataloguePage.size, at: offset(of: page, copy: copy)) else {
                return .damaged
            }
            let content = CataloguePage.content(bytes, number: page, store: superblock.store)
            if case .damaged = content { continue }
            return content
        }
        return .damaged
    }

    private func offset(of page: UInt32, copy: UInt32) -> UInt64 {
        UInt64(copy) * superblock.geometry.catalogueBytes + UInt64(page) * UInt64(CataloguePage.size)
    }

    private mutating func take(_ records: [UInt8], page: UInt32) {
        records.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var previous: [Label] = []
            while reader.remaining > 0 {
                guard let record = try? CatalogueRecord(&reader, previous: &previous) else {
                    note(
                        StoreFiles.Name.catalogue, offset(of: page, copy: 0),
                        "page \(page) passes its check, but \(reader.remaining) of its bytes make no sense")
                    return
                }
                switch record {
                case .series(let number, _): knownSeries.insert(number)
                case .unit: break
                case .shape(let number, let columns): shapes[number] = columns
                }
            }
        }
    }

    /// The series of rows of `key`; nil if the catalogue's file does not know them.
    func columns(of key: GroupKey) -> [UInt32]? {
        switch key.kind {
        case .shape, .lateRows: shapes[key.number]
        case .single, .late: knownSeries.contains(key.number) ? [key.number] : nil
        }
    }

    /// Whose rows they are, in the words of the user.
    func subject(of key: GroupKey) -> String {
        guard let columns = columns(of: key), let first = columns.first else { return "unknown series" }
        let labels = labels(of: first).map { "\($0)" } ?? "series \(first)"
        return columns.count == 1 ? labels : "\(labels) and \(columns.count - 1) more"
    }

    /// Looked up again in the file, since damage is rare and a million labels are large.
    private func labels(of series: UInt32) -> Labels? {
        for page in 0..<UInt32(inspection.catalogue.pagesUsed) {
            for copy in 0..<UInt32(2) {
                guard case .records(let records) = content(of: page, copy: copy) else { continue }
                let found = records.withUnsafeBytes { bytes -> Labels? in
                    var reader = ByteReader(bytes)
                    var previous: [Label] = []
                    while reader.remaining > 0, let record = try? CatalogueRecord(&reader, previous: &previous) {
                        if case .series(series, let descriptor) = record { return descriptor.labels }
                    }
                    return nil
                }
                if let found { return found }
            }
        }
        return nil
    }
}
