/// One metric of a Sparkplug B payload, as it is written.
struct SparkplugMetric {
    enum Value {
        case none
        /// From a field for whole numbers, in which negative ones lie as two's complement.
        case bits(UInt64)
        case number(Double)
        case template(UnsafeRawBufferPointer)
        case other
    }

    private(set) var name: UnsafeRawBufferPointer?
    private(set) var alias: UInt64?
    /// Milliseconds since 1970.
    private(set) var timestamp: UInt64?
    /// The number of the datatype; 0 means that it is not told.
    private(set) var datatype: UInt32 = 0
    /// Of interest now, but not to be stored (§6.4.5).
    private(set) var isTransient = false
    private(set) var isNull = false
    private(set) var value = Value.none

    init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufFault) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let text)): name = text
            case (2, .varint(let number)): alias = number
            case (3, .varint(let milliseconds)): timestamp = milliseconds
            case (4, .varint(let number)): datatype = UInt32(truncatingIfNeeded: number)
            case (6, .varint(let flag)): isTransient = flag != 0
            case (7, .varint(let flag)): isNull = flag != 0
            case (10, .varint(let bits)), (11, .varint(let bits)): value = .bits(bits)
            case (12, .fixed32(let bits)): value = .number(Double(Float(bitPattern: bits)))
            case (13, .fixed64(let bits)): value = .number(Double(bitPattern: bits))
            case (14, .varint(let flag)): value = .number(flag == 0 ? 0 : 1)
            case (15, .bytes), (16, .bytes), (17, .bytes), (19, .bytes): value = .other
            case (18, .bytes(let bytes)): value = .template(bytes)
            default: break
            }
        }
    }

    /// Whether the value can't be read without knowing its type. Of a flag or a number with a point the field in which it
    /// lies tells all.
    var needsDatatype: Bool {
        if case .bits = value { !isNull } else { false }
    }

    /// The value of a metric of this datatype, 0 if it is not known; nil if there is none, or none to be kept, or no number.
    ///
    /// Narrow negative integers come in 32 bits, in as many as they have, or in the 64 of a negative protobuf number: the
    /// lowest ones are the same in all three.
    func number(ofDatatype datatype: UInt32) -> Double? {
        if isNull || isTransient { return nil }
        guard let type = SparkplugDataType(rawValue: datatype) ?? (datatype == 0 ? .double : nil) else { return nil }
        switch value {
        case .number(let number): return number
        case .bits(let bits):
            if datatype == 0 { return nil }
            switch type {
            case .int8: return Double(Int8(truncatingIfNeeded: bits))
            case .int16: return Double(Int16(truncatingIfNeeded: bits))
            case .int32: return Double(Int32(truncatingIfNeeded: bits))
            case .int64: return Double(Int64(bitPattern: bits))
            case .uint8, .uint16, .uint32: return Double(UInt32(truncatingIfNeeded: bits))
            case .uint64: return Double(bits)
            case .boolean: return bits == 0 ? 0 : 1
            case .float, .double: return Double(bits)
            case .template: return nil
            }
        case .none, .template, .other: return nil
        }
    }
}
