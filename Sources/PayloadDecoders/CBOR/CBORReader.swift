/// Reads CBOR (RFC 8949) item by item where it lies. What is nested is read or skipped by the caller, to a limited depth.
struct CBORReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The head of the next item; of a definite string the whole of it.
    mutating func next() throws(CBORFault) -> CBORItem {
        let start = position
        guard start < bytes.count else { throw .truncated(position: start) }
        let head = bytes[start]
        position += 1
        let (major, info) = (head >> 5, head & 0x1F)
        if major == 7 { return try simple(info, head: head, from: start) }
        if info == 31 {
            switch major {
            case 2: return .bytesInPieces
            case 3: return .textInPieces
            case 4: return .array(nil)
            case 5: return .map(nil)
            default: throw .invalidHead(head, position: start)
            }
        }
        let argument = try argument(info, head: head, from: start)
        switch major {
        case 0: return .unsigned(argument)
        case 1: return .negative(argument)
        case 2: return .bytes(try take(argument, from: start))
        case 3: return .text(try take(argument, from: start))
        case 4: return .array(argument)
        case 5: return .map(argument)
        default: return .tag(argument)
        }
    }

    /// Whether a container has another item. `remaining` is what its head told, and is counted down.
    mutating func hasNext(_ remaining: inout UInt64?) throws(CBORFault) -> Bool {
        if let left = remaining {
            if left == 0 { return false }
            remaining = left - 1
            return true
        }
        guard position < bytes.count else { throw .truncated(position: position) }
        if bytes[position] != 0xFF { return true }
        position += 1
        return false
    }

    /// Passes over an item whose head has been read, with all that it holds.
    mutating func skip(_ item: CBORItem, depth: Int = 0) throws(CBORFault) {
        guard depth < DecoderLimits.cborDepth else { throw .nestedTooDeep(position: position) }
        switch item {
        case .bytesInPieces, .textInPieces: _ = try pieces(of: item)
        case .array(var remaining):
            while try hasNext(&remaining) { try skip(try next(), depth: depth + 1) }
        case .map(var remaining):
            while try hasNext(&remaining) {
                try skip(try next(), depth: depth + 1)
                try skip(try next(), depth: depth + 1)
            }
        case .tag: try skip(try next(), depth: depth + 1)
        case .unsigned, .negative, .bytes, .text, .bool, .nothing, .float: break
        }
    }

    /// The text that an item is, whole or in pieces; nil, and passed over, if it is none.
    mutating func text(_ item: CBORItem) throws(CBORFault) -> String? {
        let start = position
        switch item {
        case .text(let text):
            guard UTF8Bytes.firstFault(text) == nil else { throw .invalidUTF8(position: start) }
            return String(decoding: text, as: UTF8.self)
        case .textInPieces:
            let pieces = try pieces(of: item)
            guard pieces.withUnsafeBytes({ UTF8Bytes.firstFault($0) }) == nil else {
                throw .invalidUTF8(position: start)
            }
            return String(decoding: pieces, as: UTF8.self)
        default:
            try skip(item)
            return nil
        }
    }

    /// - Throws: if there is anything after the item that has been read.
    func expectEnd() throws(CBORFault) {
        if position < bytes.count { throw .trailing(position: position) }
    }

    /// Strings in pieces are joined, which copies: devices that send so are rare.
    mutating func pieces(of item: CBORItem) throws(CBORFault) -> [UInt8] {
        var joined: [UInt8] = []
        var remaining: UInt64?
        while try hasNext(&remaining) {
            let start = position
            switch (item, try next()) {
            case (.bytesInPieces, .bytes(let piece)), (.textInPieces, .text(let piece)):
                joined.append(contentsOf: piece)
            default: throw .wrongChunk(position: start)
            }
        }
        return joined
    }

    // MARK: - Heads

    private mutating func argument(_ info: UInt8, head: UInt8, from start: Int) throws(CBORFault) -> UInt64 {
        switch info {
        case 0...23: return UInt64(info)
        case 24...27: return try bigEndian(1 << Int(info - 24), from: start)
        default: throw .invalidHead(head, position: start)
        }
    }

    private mutating func simple(_ info: UInt8, head: UInt8, from start: Int) throws(CBORFault) -> CBORItem {
        switch info {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 0...23: return .nothing
        case 24:
            // Below 32 there is a shorter form, and only that is allowed.
            guard try bigEndian(1, from: start) >= 32 else { throw .invalidHead(head, position: start) }
            return .nothing
        case 25: return .float(CBORNumber.half(UInt16(truncatingIfNeeded: try bigEndian(2, from: start))))
        case 26:
            return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try bigEndian(4, from: start)))))
        case 27: return .float(Double(bitPattern: try bigEndian(8, from: start)))
        case 31: throw .unexpectedBreak(position: start)
        default: throw .invalidHead(head, position: start)
        }
    }

    private mutating func bigEndian(_ count: Int, from start: Int) throws(CBORFault) -> UInt64 {
        var value: UInt64 = 0
        for byte in try take(UInt64(count), from: start) { value = value << 8 | UInt64(byte) }
        return value
    }

    private mutating func take(_ count: UInt64, from start: Int) throws(CBORFault) -> UnsafeRawBufferPointer {
        guard count <= UInt64(bytes.count - position) else { throw .truncated(position: start) }
        let end = position + Int(count)
        defer { position = end }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    }
}
