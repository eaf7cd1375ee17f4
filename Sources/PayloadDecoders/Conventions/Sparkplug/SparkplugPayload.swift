/// What a Sparkplug B payload says of itself, beside its metrics. The numbers of the fields are those of Sparkplug's
/// protobuf schema.
struct SparkplugPayload {
    private static let compressed = "SPBV1.0_COMPRESSED"

    /// Milliseconds since 1970.
    private(set) var timestamp: UInt64?
    private(set) var sequence: UInt8?
    private(set) var isCompressed = false
    let metrics: SparkplugMetrics

    /// - Throws: if the bytes are no protobuf; the metrics themselves are not looked at yet.
    init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufFault) {
        metrics = SparkplugMetrics(bytes)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, .varint(let milliseconds)): timestamp = milliseconds
            case (3, .varint(let number)): sequence = UInt8(truncatingIfNeeded: number)
            case (4, .bytes(let uuid)): isCompressed = uuid.elementsEqual(SparkplugPayload.compressed.utf8)
            default: break
            }
        }
    }
}

/// The metrics of a payload or of a template: in both they are field 2.
struct SparkplugMetrics {
    private var reader: ProtobufReader

    init(_ bytes: UnsafeRawBufferPointer) {
        reader = ProtobufReader(bytes)
    }

    mutating func next() throws(ProtobufFault) -> SparkplugMetric? {
        while let field = try reader.next() {
            if field.number == 2, case .bytes(let bytes) = field.value { return try SparkplugMetric(bytes) }
        }
        return nil
    }
}
