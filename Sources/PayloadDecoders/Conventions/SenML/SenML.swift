import Readings

extension Convention {
    /// Sensor Measurement Lists, RFC 8428, as JSON or CBOR.
    public static let senML = Convention(rawValue: "senml")
}

/// Packs of SenML, which may come on any topic: the payload alone tells them.
enum SenML {
    /// Marks what follows as CBOR (RFC 8949 §3.4.6).
    private static let selfDescription: [UInt8] = [0xD9, 0xD9, 0xF7]

    /// Whether JSON is a list of records, with a name or a value in the first.
    static func isPack(_ json: JSONValue) -> Bool {
        guard json.isArray, json.count > 0 else { return false }
        var isFirst = true
        var hasValue = false
        for element in json.elements {
            guard element.isObject else { return false }
            if hasValue, !isFirst { continue }
            if isFirst, !isFirstRecord(element) { return false }
            isFirst = false
            hasValue = element.members.contains { key, _ in
                key.isSame("v") || key.isSame("vb") || key.isSame("vs") || key.isSame("vd") || key.isSame("s")
                    || key.isSame("bn") || key.isSame("bver")
            }
        }
        return hasValue
    }

    private static func isFirstRecord(_ record: JSONValue) -> Bool {
        if record["bn"]?.kind == .string || record["n"]?.kind == .string { return true }
        // Without a name it is refused, but only if nothing in it speaks against SenML.
        return record["v"] != nil
            && record.members.allSatisfy { key, _ in
                let label = key.text
                return SenMLLabel(rawValue: label) != nil || label.utf8.last == UInt8(ascii: "_")
            }
    }

    /// Whether bytes begin like a list in CBOR. No text does: such bytes begin no character.
    static func isCBORPack(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.starts(with: selfDescription) { return true }
        switch bytes.first ?? 0 {
        case 0x80...0x9B, 0x9F: return true
        default: return false
        }
    }

    static func read(
        _ json: JSONValue, arrival: Arrival, context: inout DecodingContext, into message: inout DecodedMessage
    ) {
        message.convention = .senML
        var pack = SenMLPack(arrival: arrival)
        do throws(SenMLFault) {
            for record in json.elements {
                try pack.add(SenMLRecord(record), context: &context, into: &message)
                if message.refusal != nil { return }
            }
        } catch {
            message.refuse(error.refusal.reason, error.refusal.detail)
        }
    }

    static func read(
        cbor bytes: UnsafeRawBufferPointer, arrival: Arrival, context: inout DecodingContext,
        into message: inout DecodedMessage
    ) {
        message.convention = .senML
        var pack = SenMLPack(arrival: arrival)
        var reader = CBORReader(bytes)
        do throws(SenMLFault) {
            var records = try list(&reader)
            while let record = try nextRecord(&reader, &records) {
                try pack.add(record, context: &context, into: &message)
                if message.refusal != nil { return }
            }
        } catch {
            message.refuse(error.refusal.reason, error.refusal.detail)
        }
    }

    /// How many records follow; nil if that is not told.
    private static func list(_ reader: inout CBORReader) throws(SenMLFault) -> UInt64? {
        do throws(CBORFault) {
            var item = try reader.next()
            if case .tag = item { item = try reader.next() }
            guard case .array(let count) = item else { throw .unexpected(wanted: "a list of records", position: 0) }
            return count
        } catch {
            throw .cbor(error)
        }
    }

    private static func nextRecord(
        _ reader: inout CBORReader, _ remaining: inout UInt64?
    ) throws(SenMLFault) -> SenMLRecord? {
        do throws(CBORFault) {
            guard try reader.hasNext(&remaining) else {
                try reader.expectEnd()
                return nil
            }
            let position = reader.position
            guard case .map(let pairs) = try reader.next() else {
                throw .unexpected(wanted: "a record", position: position)
            }
            return try SenMLRecord(&reader, pairs: pairs)
        } catch {
            throw .cbor(error)
        }
    }
}
